/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a seal does before the cipher, the same for one message and for many. Defined here so that sealing one message
 * stays one function: a small device pays nothing for the batch that it does not use. Not part of the API.
 */
#ifndef RESEAL_CORE_SENDER_NEXT_H
#define RESEAL_CORE_SENDER_NEXT_H

#include <string.h>

#include "derivation.h"

/* A counter at its limit means that the next seal raises the epoch first. */
static inline bool reseal_epoch_is_used_up(const struct reseal_sender *sender) {
    return sender->counter >= RESEAL_COUNTER_LIMIT_VALUE;
}

/* One above any epoch used before, here or in an earlier run. */
static inline enum reseal_status reseal_next_epoch(const struct reseal_sender *sender, struct reseal_epoch *next) {
    uint32_t stored = 0;
    if (sender->epochs.load(sender->epochs.context, &stored) != RESEAL_OK) {
        return RESEAL_EPOCH_NOT_STORED;
    }
    const uint32_t highest = stored > sender->epoch.number ? stored : sender->epoch.number;
    if (highest == UINT32_MAX) {
        return RESEAL_EPOCH_EXHAUSTED;
    }
    next->number = highest + 1;
    return sender->random.fill(sender->random.context, next->salt, RESEAL_SALT_SIZE) ? RESEAL_OK : RESEAL_NO_RANDOM;
}

/*
 * Whatever can fail without the store runs first, so that a broken library or random source does not wear out the
 * flash.
 */
static inline enum reseal_status reseal_raise_epoch(struct reseal_sender *sender) {
    struct reseal_epoch next;
    enum reseal_status status = reseal_next_epoch(sender, &next);
    if (status != RESEAL_OK) {
        return status;
    }
    reseal_epoch_keys_wipe(&sender->keys); /* their epoch is used up */
    status = reseal_epoch_keys_derive(sender->crypto, &sender->credentials, (enum reseal_direction)sender->direction,
                                      &next, RESEAL_USE_SEAL, &sender->keys);
    if (status != RESEAL_OK) {
        return status;
    }
    if (sender->epochs.store(sender->epochs.context, next.number) != RESEAL_OK) {
        return RESEAL_EPOCH_NOT_STORED; /* the counter stays used up: nothing is sealed with these keys */
    }
    sender->epoch = next;
    sender->counter = 0;
    return RESEAL_OK;
}

static inline enum reseal_status reseal_seal_check(const struct reseal_sender *sender, const struct reseal_bytes *topic,
                                                   const struct reseal_bytes *plaintext,
                                                   const struct reseal_buffer *out) {
    if (!sender->opened) {
        return RESEAL_CLOSED;
    }
    if (out->data == NULL || (topic->data == NULL && topic->size > 0) ||
        (plaintext->data == NULL && plaintext->size > 0)) {
        return RESEAL_BAD_ARGUMENT;
    }
    if (sender->epochs.is_own != NULL && !sender->epochs.is_own(sender->epochs.context)) {
        return RESEAL_OTHER_PROCESS;
    }
    const uint32_t counter = reseal_epoch_is_used_up(sender) ? 0 : sender->counter;
    return reseal_fit_check(sender->credentials.algorithm, counter, *topic, plaintext->size, out->capacity);
}

/*
 * Everything in reseal_sender_seal before the cipher, with the same return values. `header` is written only on
 * RESEAL_OK. Whatever the result, no counter is taken twice.
 */
static inline enum reseal_status reseal_sender_next(struct reseal_sender *sender, const struct reseal_bytes *topic,
                                                    const struct reseal_bytes *plaintext, struct reseal_buffer *out,
                                                    struct reseal_envelope *header) {
    if (sender == NULL || out == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    out->size = 0;
    enum reseal_status status = reseal_seal_check(sender, topic, plaintext, out);
    if (status == RESEAL_OK && reseal_epoch_is_used_up(sender)) {
        status = reseal_raise_epoch(sender);
    }
    if (status != RESEAL_OK) {
        return status;
    }
    header->algorithm = sender->credentials.algorithm;
    header->direction = sender->direction;
    header->epoch = sender->epoch;
    header->counter = sender->counter;
    memcpy(header->key_id, sender->credentials.key_id, RESEAL_KEY_ID_SIZE);
    sender->counter++;
    return RESEAL_OK;
}

#endif
