/* SPDX-License-Identifier: Apache-2.0 */
/* What an SDK call can return. */
#ifndef RESEAL_STATUS_H
#define RESEAL_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* The numbers are part of the API: they never change, and none is used again. */
enum reseal_status {
    RESEAL_OK = 0,
    /* A message was refused: nothing was written, no state was changed. */
    RESEAL_MALFORMED = 1,       /* not the one shape of protocol.md, "Message" */
    RESEAL_UNKNOWN_KEY = 2,     /* the key id is not the receiver's */
    RESEAL_WRONG_DIRECTION = 3, /* a reflected message: uplink where downlink is due, or the reverse */
    RESEAL_WRONG_ALGORITHM = 4, /* not the algorithm of this key generation */
    RESEAL_STALE_EPOCH = 5,     /* epoch 0, below the highest accepted one, or that one with another salt */
    RESEAL_COUNTER_LIMIT = 6,   /* a counter of 2^20 or more */
    RESEAL_REPLAY = 7,          /* already accepted, or left of the replay window */
    RESEAL_BAD_TAG = 8,         /* changed, moved to another topic, or sealed under another key */
    /* The call could not be carried out: nothing was written. */
    RESEAL_BUFFER_TOO_SMALL = 9,
    RESEAL_TOO_LONG = 10,         /* the plaintext is longer than the algorithm allows */
    RESEAL_BAD_TOPIC = 11,        /* empty, too long, or with '+', '#' or a NUL in it */
    RESEAL_EPOCH_NOT_STORED = 12, /* the raised epoch could not be read or stored durably */
    RESEAL_EPOCH_EXHAUSTED = 13,  /* the last epoch, 2^32-1, is used up: a new key generation is needed */
    RESEAL_NO_RANDOM = 14,        /* the random source failed */
    RESEAL_BAD_ARGUMENT = 15,     /* a null pointer, or a value outside its stated range */
    RESEAL_CRYPTO_FAILED = 16,    /* the cryptographic library reported an internal error */
    RESEAL_WINDOW_NOT_STORED = 17,
    RESEAL_BAD_CREDENTIALS = 18, /* a credential file or structure that cannot be used */
    RESEAL_CLOSED = 19,          /* used before open or after close */
    RESEAL_IN_USE = 20,          /* another process holds the epoch of these credentials */
    RESEAL_NOT_STORED = 21,      /* something other than the epoch could not be read or stored durably */
    RESEAL_OTHER_PROCESS = 22    /* a forked process would seal under its parent's nonces */
};

/* One sentence for people, without a full stop. Never null, even for a number that is not a status. */
const char *reseal_status_text(enum reseal_status status);

#ifdef __cplusplus
}
#endif
#endif
