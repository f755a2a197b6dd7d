/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seals messages. Order of calls: open, seal as often as you like, close.
 *
 * The first seal after open raises the epoch and stores it durably through the port before anything is sealed. So does
 * the seal after every 2^20 messages. No other call writes. If the epoch cannot be stored, nothing is sealed.
 */
#ifndef RESEAL_SENDER_H
#define RESEAL_SENDER_H

#include <reseal/envelope.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the highest used epoch is kept. To raise the epoch, a sender calls load, then store with a number above both
 * the loaded epoch and its own. Each function returns RESEAL_OK or RESEAL_EPOCH_NOT_STORED.
 */
struct reseal_epoch_store {
    void *context;
    /* Sets *epoch to the highest epoch ever stored, 0 if none was. */
    enum reseal_status (*load)(void *context, uint32_t *epoch);
    /* Returns RESEAL_OK only once `epoch` survives a loss of power. */
    enum reseal_status (*store)(void *context, uint32_t epoch);
    /*
     * Whether this process is the one that opened the store; called before each seal. A forked child would use the same
     * nonces as its parent. Null where nothing forks.
     */
    bool (*is_own)(const void *context);
};

/* A cryptographic random source; fill returns false if it cannot. */
struct reseal_random {
    void *context;
    bool (*fill)(void *context, uint8_t *out, size_t size);
};

/* The caller allocates it; treat it as opaque. What each message needs comes first, to save cache misses. */
struct reseal_sender {
    bool opened;
    uint8_t direction;
    uint32_t counter; /* the next one */
    struct reseal_epoch epoch;
    struct reseal_epoch_keys keys;
    const struct reseal_crypto *crypto;
    struct reseal_epoch_store epochs;
    struct reseal_random random;
    struct reseal_credentials credentials; /* at the end: a Cortex-M0+ reaches 124 bytes in one instruction */
};

/*
 * Copies the credentials; the ports and what their contexts point to must outlive the sender. A device seals
 * RESEAL_UPLINK. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT or RESEAL_BAD_CREDENTIALS.
 */
enum reseal_status reseal_sender_open(struct reseal_sender *sender, const struct reseal_credentials *credentials,
                                      enum reseal_direction direction, const struct reseal_crypto *crypto,
                                      const struct reseal_epoch_store *epochs, const struct reseal_random *random);

/*
 * Seals `plaintext` (which may be empty) for `topic` into `out`, whose capacity plaintext.size + RESEAL_OVERHEAD_MAX
 * always suffices. `topic` is exactly the topic name that the message is published under.
 * Returns RESEAL_OK, RESEAL_BAD_ARGUMENT, RESEAL_CLOSED, RESEAL_BAD_TOPIC, RESEAL_TOO_LONG, RESEAL_BUFFER_TOO_SMALL,
 * RESEAL_OTHER_PROCESS, RESEAL_EPOCH_NOT_STORED, RESEAL_EPOCH_EXHAUSTED, RESEAL_NO_RANDOM, RESEAL_WRONG_ALGORITHM (the
 * adapter does not have it) or RESEAL_CRYPTO_FAILED; unless RESEAL_OK, out->size is 0. The arguments are checked before
 * the epoch is raised.
 */
enum reseal_status reseal_sender_seal(struct reseal_sender *sender, struct reseal_bytes topic,
                                      struct reseal_bytes plaintext, struct reseal_buffer *out);

/* Wipes keys and credentials. A null or closed sender is allowed. */
void reseal_sender_close(struct reseal_sender *sender);

#ifdef __cplusplus
}
#endif
#endif
