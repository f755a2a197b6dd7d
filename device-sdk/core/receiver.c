/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/receiver.h>
#include <string.h>

#include "derivation.h"

_Static_assert(sizeof(void *) > 4 || sizeof(struct reseal_receiver) <= 320, "a receiver fits a small device");

static bool window_is_allowed(uint32_t window) {
    return window >= RESEAL_WINDOW_MIN && window <= RESEAL_WINDOW_MAX && window % 32 == 0;
}

static enum reseal_status load_window(struct reseal_receiver *receiver, const struct reseal_window_store *windows) {
    if (windows == NULL) {
        return RESEAL_OK;
    }
    receiver->windows = *windows;
    return windows->load == NULL ? RESEAL_OK : windows->load(windows->context, &receiver->replay);
}

enum reseal_status reseal_receiver_open(struct reseal_receiver *receiver, const struct reseal_credentials *credentials,
                                        enum reseal_direction direction, const struct reseal_crypto *crypto,
                                        uint32_t *words, uint32_t window, const struct reseal_window_store *windows) {
    if (receiver == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    memset(receiver, 0, sizeof *receiver);
    if (words == NULL || !window_is_allowed(window)) {
        return RESEAL_BAD_ARGUMENT;
    }
    enum reseal_status status = reseal_open_check(credentials, direction, crypto);
    if (status != RESEAL_OK) {
        return status;
    }
    memset(words, 0, RESEAL_WINDOW_WORDS(window) * sizeof *words);
    receiver->replay.words = words;
    receiver->replay.window = window;
    status = load_window(receiver, windows);
    if (status != RESEAL_OK) {
        memset(receiver, 0, sizeof *receiver);
        return status;
    }
    receiver->credentials = *credentials;
    receiver->crypto = crypto;
    receiver->direction = (uint8_t)direction;
    receiver->opened = true;
    return RESEAL_OK;
}

/* Steps 1 to 3 of "Receiving". */
static enum reseal_status check_header(const struct reseal_receiver *receiver, const struct reseal_envelope *envelope) {
    if (memcmp(envelope->key_id, receiver->credentials.key_id, RESEAL_KEY_ID_SIZE) != 0) {
        return RESEAL_UNKNOWN_KEY;
    }
    if (envelope->direction != receiver->direction) {
        return RESEAL_WRONG_DIRECTION;
    }
    if (envelope->algorithm != receiver->credentials.algorithm) {
        return RESEAL_WRONG_ALGORITHM;
    }
    return reseal_replay_check(&receiver->replay, &envelope->epoch, envelope->counter);
}

/* Step 4. Keys of another epoch replace the cached ones only after they have opened a message. */
static enum reseal_status open_message(struct reseal_receiver *receiver, const struct reseal_envelope *envelope,
                                       const struct reseal_bytes *topic, struct reseal_buffer *out) {
    if (reseal_epoch_equal(&envelope->epoch, &receiver->keys_epoch)) {
        return reseal_message_open(&receiver->keys, envelope, *topic, out);
    }
    struct reseal_epoch_keys fresh = {0};
    enum reseal_status status =
        reseal_epoch_keys_derive(receiver->crypto, &receiver->credentials, (enum reseal_direction)receiver->direction,
                                 &envelope->epoch, RESEAL_USE_OPEN, &fresh);
    if (status == RESEAL_OK) {
        status = reseal_message_open(&fresh, envelope, *topic, out);
    }
    if (status == RESEAL_OK) {
        reseal_epoch_keys_move(&receiver->keys, &fresh);
        receiver->keys_epoch = envelope->epoch;
    }
    reseal_epoch_keys_wipe(&fresh);
    return status;
}

static enum reseal_status accept(struct reseal_receiver *receiver, const struct reseal_bytes *topic,
                                 const struct reseal_bytes *message, struct reseal_buffer *out) {
    struct reseal_envelope envelope;
    enum reseal_status status = reseal_envelope_parse(*message, &envelope);
    if (status == RESEAL_OK) {
        status = check_header(receiver, &envelope);
    }
    if (status == RESEAL_OK) {
        status = open_message(receiver, &envelope, topic, out);
    }
    if (status != RESEAL_OK) {
        return status;
    }
    reseal_replay_mark(&receiver->replay, &envelope.epoch, envelope.counter);
    const struct reseal_window_store *windows = &receiver->windows;
    const bool stored =
        windows->store == NULL || windows->store(windows->context, &receiver->replay, envelope.counter) == RESEAL_OK;
    return stored ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
}

enum reseal_status reseal_receiver_accept(struct reseal_receiver *receiver, struct reseal_bytes topic,
                                          struct reseal_bytes message, struct reseal_buffer *out) {
    if (receiver == NULL || out == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    out->size = 0;
    if (!receiver->opened) {
        return RESEAL_CLOSED;
    }
    if ((topic.data == NULL && topic.size > 0) || (message.data == NULL && message.size > 0) ||
        (out->data == NULL && out->capacity > 0)) {
        return RESEAL_BAD_ARGUMENT;
    }
    const enum reseal_status status = accept(receiver, &topic, &message, out);
    if (status != RESEAL_OK) {
        out->size = 0;
        reseal_wipe(out->data, message.size < out->capacity ? message.size : out->capacity);
    }
    return status;
}

void reseal_receiver_close(struct reseal_receiver *receiver) {
    if (receiver != NULL) {
        reseal_epoch_keys_wipe(&receiver->keys);
        reseal_wipe(receiver, sizeof *receiver);
    }
}
