/* SPDX-License-Identifier: Apache-2.0 */
#include "slots.h"

#include <string.h>

bool reseal_link_is_open_channel(const struct reseal_link *link) {
    return link->config.listener == RESEAL_LISTENER_SEALED || link->config.listener == RESEAL_LISTENER_LOOPBACK;
}

/* The application must not wait for a message that the broker named before: it would not be named again. */
static bool is_named(const struct reseal_link *link, const struct reseal_message *message) {
    const struct reseal_bytes bytes = {message->payload.data, message->payload.size};
    return reseal_link_is_open_channel(link) && reseal_ack_names(&link->ack, bytes);
}

static struct reseal_link_slot *free_slot(struct reseal_link *link, uint16_t *handle) {
    for (size_t i = 0; i < RESEAL_LINK_IN_FLIGHT; i++) {
        if (!link->slots[i].used) {
            *handle = (uint16_t)(i + 1);
            return &link->slots[i];
        }
    }
    return NULL;
}

static enum reseal_link_sent send(struct reseal_link *link, const struct reseal_message *message, uint16_t handle) {
    const struct reseal_link_driver *driver = link->config.driver;
    const enum reseal_link_sent sent = driver->publish(driver->context, handle, message);
    if (sent == RESEAL_LINK_SENT_TOO_LARGE) {
        link->status.too_large++;
        link->has_changed = true;
    }
    return sent;
}

enum reseal_link_sent reseal_link_publish(struct reseal_link *link, const struct reseal_message *message,
                                          uint32_t number) {
    uint16_t handle = 0;
    struct reseal_link_slot *slot = free_slot(link, &handle);
    if (link->status.state != RESEAL_LINK_ONLINE || slot == NULL) {
        return RESEAL_LINK_BUSY;
    }
    const bool named = is_named(link, message);
    const enum reseal_link_sent sent = named ? RESEAL_LINK_SENT : send(link, message, handle);
    if (sent == RESEAL_LINK_SENT) {
        *slot = (struct reseal_link_slot){.message = message,
                                          .number = number,
                                          .sent_ms = link->now_ms,
                                          .used = true,
                                          .acknowledged = named,
                                          .named = named};
    }
    return sent;
}

void reseal_link_slots_acknowledge(struct reseal_link *link, uint16_t handle) {
    if (handle >= 1 && handle <= RESEAL_LINK_IN_FLIGHT && link->slots[handle - 1].used) {
        link->slots[handle - 1].acknowledged = true;
    }
}

void reseal_link_slots_name(struct reseal_link *link) {
    for (size_t i = 0; i < RESEAL_LINK_IN_FLIGHT; i++) {
        struct reseal_link_slot *slot = &link->slots[i];
        slot->named = slot->named || (slot->used && slot->message != NULL && is_named(link, slot->message));
    }
}

/* The slot, and with it the MQTT packet id, is free only after PUBACK (MQTT 3.1.1 section 2.3.1). */
static void tell(struct reseal_link *link, struct reseal_link_slot *slot) {
    const struct reseal_link_calls *calls = &link->config.calls;
    const bool accepted = reseal_link_is_open_channel(link) ? slot->named : slot->acknowledged;
    const uint32_t number = slot->number;
    const bool is_news = accepted && slot->message != NULL;
    if (accepted) {
        slot->message = NULL;
        slot->used = !slot->acknowledged;
    }
    if (is_news && calls->accepted != NULL) {
        calls->accepted(calls->context, number);
    }
}

void reseal_link_slots_tell(struct reseal_link *link) {
    for (size_t i = 0; i < RESEAL_LINK_IN_FLIGHT; i++) {
        if (link->slots[i].used) {
            tell(link, &link->slots[i]);
        }
    }
}

bool reseal_link_slots_late(const struct reseal_link *link) {
    bool late = false;
    for (size_t i = 0; i < RESEAL_LINK_IN_FLIGHT; i++) {
        const struct reseal_link_slot *slot = &link->slots[i];
        late = late || (slot->used && link->now_ms - slot->sent_ms >= RESEAL_LINK_ANSWER_MS);
    }
    return late;
}

void reseal_link_slots_clear(struct reseal_link *link) {
    memset(link->slots, 0, sizeof link->slots);
}
