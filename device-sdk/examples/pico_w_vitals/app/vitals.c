/* SPDX-License-Identifier: Apache-2.0 */
#include "vitals.h"

#include <string.h>

static const char *const filters[] = {"commands/{id}/#"};

_Static_assert((int)RESEAL_REKEY_RECORD_MAX <= (int)VITALS_COMMAND_MAX, "there is room for a new key");

static uint32_t now(const struct vitals *vitals) {
    return vitals->board->now_ms(vitals->board->context);
}

/* Correct across the clock's wrap. */
static bool is_over(const struct vitals *vitals, uint32_t since_ms, uint32_t limit_ms) {
    return now(vitals) - since_ms >= limit_ms;
}

static void carry_out(struct vitals *vitals, const struct command *command) {
    if (command->name == COMMAND_INTERVAL) {
        vitals->interval_ms = command->value;
    } else if (command->name == COMMAND_IDENTIFY) {
        vitals->identify_ms = command->value * 1000;
        vitals->identify_since_ms = now(vitals);
    }
}

/* From the link. */

static void on_accepted(void *context, uint32_t number) {
    struct vitals *vitals = context;
    outbox_acknowledge(&vitals->outbox, number);
}

static void on_received(void *context, const char *topic, struct reseal_bytes text) {
    struct vitals *vitals = context;
    const char *name = strrchr(topic, '/');
    const struct command command = command_parse(name == NULL ? topic : name + 1, text);
    if (command.valid) {
        carry_out(vitals, &command);
    }
    const struct entry entry = {
        .ms = now(vitals), .is_answer = true, .answer = {.command = command.name, .done = command.valid}};
    outbox_put(&vitals->outbox, &entry);
}

static void on_changed(void *context, const struct reseal_link_status *status) {
    struct vitals *vitals = context;
    if (status->state != RESEAL_LINK_ONLINE) {
        outbox_connection_lost(&vitals->outbox);
    }
    char line[RESEAL_LINK_LINE_SIZE];
    reseal_link_line(status, line);
    vitals->board->tell(vitals->board->context, line);
}

static struct reseal_link_config link_config(struct vitals *vitals, const struct reseal_link_driver *driver,
                                             const struct reseal_port *port, enum reseal_listener listener) {
    return (struct reseal_link_config){
        .device = &vitals->device,
        .driver = driver,
        .listener = listener,
        .filters = filters,
        .filter_count = sizeof filters / sizeof filters[0],
        .keys = {vitals->board->context, vitals->board->store_key},
        .random = port->random,
        .opened = {vitals->opened, sizeof vitals->opened, 0},
        .calls = {vitals, on_accepted, on_received, on_changed},
    };
}

enum reseal_status vitals_open(struct vitals *vitals, const struct board *board,
                               const struct reseal_link_driver *driver, const struct reseal_credentials *credentials,
                               const struct reseal_port *port, enum reseal_listener listener) {
    memset(vitals, 0, sizeof *vitals);
    vitals->board = board;
    vitals->interval_ms = VITALS_INTERVAL_MS;
    vitals->last_reading_ms = now(vitals);
    const enum reseal_status status = reseal_device_open(&vitals->device, credentials, port);
    if (status != RESEAL_OK) {
        return status;
    }
    const struct reseal_link_config config = link_config(vitals, driver, port, listener);
    return reseal_link_open(&vitals->link, &config);
}

void vitals_close(struct vitals *vitals) {
    reseal_link_close(&vitals->link);
    reseal_device_close(&vitals->device);
}

static void write_answer(const struct vitals *vitals, const struct entry *entry, struct text *out) {
    text_add(out, "{\"n\":");
    text_add_number(out, entry->number);
    text_add(out, ",\"ms\":");
    text_add_number(out, entry->ms);
    text_add(out, ",\"command\":\"");
    text_add(out, command_text(entry->answer.command));
    text_add(out, entry->answer.done ? "\",\"done\":true" : "\",\"done\":false,\"expected\":\"");
    if (!entry->answer.done) {
        text_add(out, command_advice(entry->answer.command));
        text_add(out, "\"");
    }
    text_add(out, ",\"interval_ms\":");
    text_add_number(out, vitals->interval_ms);
    text_add(out, ",\"unsent\":");
    text_add_number(out, vitals->outbox.waiting_count);
    text_add(out, ",\"dropped\":");
    text_add_number(out, vitals->outbox.dropped);
    text_add(out, "}");
}

static uint32_t counter_of(const struct reseal_message *message) {
    struct reseal_envelope envelope;
    const struct reseal_bytes bytes = {message->payload.data, message->payload.size};
    return reseal_envelope_parse(bytes, &envelope) == RESEAL_OK ? envelope.counter : RESEAL_COUNTER_LIMIT_VALUE;
}

/* Each login takes a counter, too. */
static uint32_t all_seals(const struct vitals *vitals) {
    return vitals->seals + reseal_link_get_status(&vitals->link)->logins;
}

static bool seal(struct vitals *vitals, struct slot *slot) {
    char memory[READING_TEXT_MAX];
    struct text text = {.memory = memory, .capacity = sizeof memory};
    const struct entry *entry = &slot->entry;
    if (entry->is_answer) {
        write_answer(vitals, entry, &text);
    } else {
        reading_write(&entry->reading, entry->number, entry->ms, &text);
    }
    slot->message.payload = (struct reseal_buffer){slot->memory, sizeof slot->memory, 0};
    vitals->fault =
        reseal_device_seal(&vitals->device, entry->is_answer ? "ward/{id}/vitals/answer" : "ward/{id}/vitals/reading",
                           (struct reseal_bytes){(const uint8_t *)memory, text.size}, &slot->message);
    if (vitals->fault != RESEAL_OK) {
        return false;
    }
    vitals->seals++;
    slot->seal = all_seals(vitals);
    slot->counter = counter_of(&slot->message);
    return true;
}

static bool send(struct vitals *vitals, struct slot *slot) {
    if (slot->sent || slot->acknowledged) {
        return true;
    }
    if (outbox_needs_seal(slot, all_seals(vitals)) && !seal(vitals, slot)) {
        return false;
    }
    slot->sent = reseal_link_publish(&vitals->link, &slot->message, slot->entry.number) == RESEAL_LINK_SENT;
    return slot->sent;
}

static bool is_online(const struct vitals *vitals) {
    return reseal_link_get_status(&vitals->link)->state == RESEAL_LINK_ONLINE;
}

static void send_due(struct vitals *vitals) {
    if (!is_online(vitals)) {
        return;
    }
    outbox_fill(&vitals->outbox);
    for (uint32_t i = 0; i < vitals->outbox.slot_count; i++) {
        if (!send(vitals, outbox_slot(&vitals->outbox, i))) {
            return;
        }
    }
}

static void take_due(struct vitals *vitals) {
    if (vitals->paused || !is_over(vitals, vitals->last_reading_ms, vitals->interval_ms)) {
        return;
    }
    vitals->last_reading_ms = now(vitals);
    struct entry entry = {.ms = vitals->last_reading_ms};
    reading_take(vitals->board, &vitals->motion_ready, &entry.reading);
    outbox_put(&vitals->outbox, &entry);
    vitals->readings++;
}

void vitals_step(struct vitals *vitals) {
    take_due(vitals);
    reseal_link_step(&vitals->link, now(vitals));
    send_due(vitals);
    vitals->board->led(vitals->board->context, led_is_on(vitals_led(vitals), now(vitals)));
}

static enum led_pattern led_of_link(const struct reseal_link_status *status) {
    if (status->state == RESEAL_LINK_ONLINE) {
        return LED_ONLINE;
    }
    if (status->reason == RESEAL_LINK_NO_LOGIN) {
        return LED_FAULT;
    }
    if (status->state == RESEAL_LINK_PAUSE && status->reason >= RESEAL_LINK_REFUSED_VERSION &&
        status->reason <= RESEAL_LINK_REFUSED_OTHER) {
        return LED_REFUSED;
    }
    const bool without_network = status->reason != RESEAL_LINK_FINE && status->reason < RESEAL_LINK_NO_NAME;
    const bool joins = status->state == RESEAL_LINK_JOINING || (status->state == RESEAL_LINK_PAUSE && without_network);
    return joins ? LED_JOINING : LED_CONNECTING;
}

enum led_pattern vitals_led(const struct vitals *vitals) {
    if (vitals->identify_ms > 0 && !is_over(vitals, vitals->identify_since_ms, vitals->identify_ms)) {
        return LED_IDENTIFY;
    }
    return vitals->fault != RESEAL_OK ? LED_FAULT : led_of_link(reseal_link_get_status(&vitals->link));
}
