#include <reseal/sender.h>
#include <string.h>

#include "derivation.h"

_Static_assert(sizeof(void *) > 4 || sizeof(struct reseal_sender) <= 256, "a sender fits a small device");

/* A counter at its limit means that the next seal raises the epoch first. */
static bool epoch_is_used_up(const struct reseal_sender *sender) {
    return sender->counter >= RESEAL_COUNTER_LIMIT_VALUE;
}

enum reseal_status reseal_sender_open(struct reseal_sender *sender, const struct reseal_credentials *credentials,
                                      enum reseal_direction direction, const struct reseal_crypto *crypto,
                                      const struct reseal_epoch_store *epochs, const struct reseal_random *random) {
    if (sender == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    memset(sender, 0, sizeof *sender);
    if (epochs == NULL || epochs->load == NULL || epochs->store == NULL || random == NULL || random->fill == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    const enum reseal_status status = reseal_open_check(credentials, direction, crypto);
    if (status != RESEAL_OK) {
        return status;
    }
    sender->credentials = *credentials;
    sender->crypto = crypto;
    sender->epochs = *epochs;
    sender->random = *random;
    sender->direction = (uint8_t)direction;
    sender->counter = RESEAL_COUNTER_LIMIT_VALUE;
    sender->opened = true;
    return RESEAL_OK;
}

/* One above whatever was used before, here or in an earlier run. */
static enum reseal_status next_epoch(const struct reseal_sender *sender, struct reseal_epoch *next) {
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
 * Everything that can fail without the store comes before it, so that a broken library or random source does not wear
 * out a device's flash.
 */
static enum reseal_status raise_epoch(struct reseal_sender *sender) {
    struct reseal_epoch next;
    enum reseal_status status = next_epoch(sender, &next);
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

static enum reseal_status seal_check(const struct reseal_sender *sender, const struct reseal_bytes *topic,
                                     const struct reseal_bytes *plaintext, const struct reseal_buffer *out) {
    if (!sender->opened) {
        return RESEAL_CLOSED;
    }
    if (out->data == NULL || (topic->data == NULL && topic->size > 0) ||
        (plaintext->data == NULL && plaintext->size > 0)) {
        return RESEAL_BAD_ARGUMENT;
    }
    const uint32_t counter = epoch_is_used_up(sender) ? 0 : sender->counter;
    return reseal_fit_check(sender->credentials.algorithm, counter, *topic, plaintext->size, out->capacity);
}

enum reseal_status reseal_sender_seal(struct reseal_sender *sender, struct reseal_bytes topic,
                                      struct reseal_bytes plaintext, struct reseal_buffer *out) {
    if (sender == NULL || out == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    out->size = 0;
    enum reseal_status status = seal_check(sender, &topic, &plaintext, out);
    if (status == RESEAL_OK && epoch_is_used_up(sender)) {
        status = raise_epoch(sender);
    }
    if (status != RESEAL_OK) {
        return status;
    }
    struct reseal_envelope header;
    header.algorithm = sender->credentials.algorithm;
    header.direction = sender->direction;
    header.epoch = sender->epoch;
    header.counter = sender->counter;
    memcpy(header.key_id, sender->credentials.key_id, RESEAL_KEY_ID_SIZE);
    sender->counter++; /* whatever comes of it: no counter is tried twice */
    return reseal_seal_checked(&sender->keys, &header, &topic, plaintext, out);
}

void reseal_sender_close(struct reseal_sender *sender) {
    if (sender != NULL) {
        reseal_epoch_keys_wipe(&sender->keys);
        reseal_wipe(sender, sizeof *sender);
    }
}
