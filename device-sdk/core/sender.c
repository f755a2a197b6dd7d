/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/sender.h>
#include <string.h>

#include "derivation.h"
#include "sender_next.h"

_Static_assert(sizeof(void *) > 4 || sizeof(struct reseal_sender) <= 320, "a sender fits a small device");

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

enum reseal_status reseal_sender_seal(struct reseal_sender *sender, struct reseal_bytes topic,
                                      struct reseal_bytes plaintext, struct reseal_buffer *out) {
    struct reseal_envelope header;
    const enum reseal_status status = reseal_sender_next(sender, &topic, &plaintext, out, &header);
    if (status != RESEAL_OK) {
        return status;
    }
    return reseal_seal_checked(&sender->keys, &header, &topic, plaintext, out);
}

void reseal_sender_close(struct reseal_sender *sender) {
    if (sender != NULL) {
        reseal_epoch_keys_wipe(&sender->keys);
        reseal_wipe(sender, sizeof *sender);
    }
}
