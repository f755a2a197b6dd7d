/* SPDX-License-Identifier: Apache-2.0 */
/* Opens messages for one principal, each one once. Order of calls: open, accept as often as you like, close. */
#ifndef RESEAL_RECEIVER_H
#define RESEAL_RECEIVER_H

#include <reseal/envelope.h>
#include <reseal/replay.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the replay window is kept across a restart. Both may be null: the window then starts empty at every open, and a
 * message captured before that is accepted once more.
 */
struct reseal_window_store {
    void *context;
    /* Fills epoch, top and words (window words are given); leaves them zeroed if nothing was stored. */
    enum reseal_status (*load)(void *context, struct reseal_replay *replay);
    /*
     * Called after a message was verified, before its plaintext is returned. `counter` is the one that was just marked:
     * the highest, or an earlier one that arrived late. A store may keep the whole window or only what is new in it.
     */
    enum reseal_status (*store)(void *context, const struct reseal_replay *replay, uint32_t counter);
};

/* The caller allocates it; treat it as opaque. */
struct reseal_receiver {
    bool opened;
    uint8_t direction;
    const struct reseal_crypto *crypto;
    struct reseal_window_store windows;
    struct reseal_replay replay;
    struct reseal_epoch keys_epoch;
    struct reseal_epoch_keys keys;
    struct reseal_credentials credentials;
};

/*
 * A device opens RESEAL_DOWNLINK. `words` is the caller's memory for the window, RESEAL_WINDOW_WORDS(window) of them;
 * it and the ports must outlive the receiver. `windows` may be null. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT,
 * RESEAL_BAD_CREDENTIALS or what windows->load returned.
 */
enum reseal_status reseal_receiver_open(struct reseal_receiver *receiver, const struct reseal_credentials *credentials,
                                        enum reseal_direction direction, const struct reseal_crypto *crypto,
                                        uint32_t *words, uint32_t window, const struct reseal_window_store *windows);

/*
 * Opens `message`, which arrived under `topic`, into `out`, whose capacity message.size always suffices.
 * Returns RESEAL_OK; a refusal (RESEAL_MALFORMED to RESEAL_BAD_TAG), after which no state has changed; or
 * RESEAL_BAD_ARGUMENT, RESEAL_CLOSED, RESEAL_BAD_TOPIC, RESEAL_BUFFER_TOO_SMALL, RESEAL_CRYPTO_FAILED,
 * RESEAL_WINDOW_NOT_STORED, after which the message still counts as accepted: sent again, it is a replay. Unless
 * RESEAL_OK, out->size is 0 and the first message.size bytes of `out`, or all of them if it is smaller, are zero.
 */
enum reseal_status reseal_receiver_accept(struct reseal_receiver *receiver, struct reseal_bytes topic,
                                          struct reseal_bytes message, struct reseal_buffer *out);

/* Wipes keys and credentials. A null or closed receiver is allowed. */
void reseal_receiver_close(struct reseal_receiver *receiver);

#ifdef __cplusplus
}
#endif
#endif
