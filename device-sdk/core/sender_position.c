/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/sender_position.h>

#include "derivation.h"

struct reseal_sender_position reseal_sender_position_of(const struct reseal_sender *sender) {
    const struct reseal_sender_position position = {.epoch = sender->epoch, .counter = sender->counter};
    return position;
}

enum reseal_status reseal_sender_go_on(struct reseal_sender *sender, const struct reseal_sender_position *position) {
    if (sender == NULL || position == NULL || !sender->opened || sender->epoch.number != 0) {
        return RESEAL_BAD_ARGUMENT;
    }
    if (position->epoch.number == 0 || position->counter >= RESEAL_COUNTER_LIMIT_VALUE) {
        return RESEAL_OK;
    }
    struct reseal_epoch_keys keys = {0};
    const enum reseal_status status =
        reseal_epoch_keys_derive(sender->crypto, &sender->credentials, (enum reseal_direction)sender->direction,
                                 &position->epoch, RESEAL_USE_SEAL, &keys);
    if (status != RESEAL_OK) {
        return status;
    }
    reseal_epoch_keys_move(&sender->keys, &keys);
    sender->epoch = position->epoch;
    sender->counter = position->counter;
    return RESEAL_OK;
}
