/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox.h"

#include <string.h>

void outbox_put(struct outbox *outbox, const struct entry *entry) {
    if (outbox->waiting_count == OUTBOX_WAITING) {
        outbox->first_waiting = (outbox->first_waiting + 1) % OUTBOX_WAITING;
        outbox->waiting_count--;
        outbox->dropped++;
    }
    struct entry *place = &outbox->waiting[(outbox->first_waiting + outbox->waiting_count) % OUTBOX_WAITING];
    *place = *entry;
    place->number = ++outbox->last_number;
    outbox->waiting_count++;
}

struct slot *outbox_slot(struct outbox *outbox, uint32_t index) {
    return &outbox->slots[(outbox->first_slot + index) % OUTBOX_IN_FLIGHT];
}

void outbox_fill(struct outbox *outbox) {
    while (outbox->waiting_count > 0 && outbox->slot_count < OUTBOX_IN_FLIGHT) {
        struct slot *slot = outbox_slot(outbox, outbox->slot_count++);
        memset(slot, 0, sizeof *slot);
        slot->entry = outbox->waiting[outbox->first_waiting];
        outbox->first_waiting = (outbox->first_waiting + 1) % OUTBOX_WAITING;
        outbox->waiting_count--;
    }
}

static void free_places(struct outbox *outbox) {
    while (outbox->slot_count > 0 && outbox_slot(outbox, 0)->acknowledged) {
        outbox->first_slot = (outbox->first_slot + 1) % OUTBOX_IN_FLIGHT;
        outbox->slot_count--;
    }
}

void outbox_acknowledge(struct outbox *outbox, uint32_t number) {
    for (uint32_t i = 0; i < outbox->slot_count; i++) {
        struct slot *slot = outbox_slot(outbox, i);
        slot->acknowledged = slot->acknowledged || (slot->sent && slot->entry.number == number);
    }
    free_places(outbox);
}

void outbox_connection_lost(struct outbox *outbox) {
    for (uint32_t i = 0; i < outbox->slot_count; i++) {
        outbox_slot(outbox, i)->sent = false;
    }
}

uint32_t outbox_size(const struct outbox *outbox) {
    return outbox->waiting_count + outbox->slot_count;
}

bool outbox_needs_seal(const struct slot *slot, uint32_t seals) {
    const uint32_t age = seals - slot->seal;
    return slot->message.payload.size == 0 || age >= RESEAL_WINDOW_MIN ||
           slot->counter + age >= RESEAL_COUNTER_LIMIT_VALUE;
}
