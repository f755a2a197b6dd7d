/* SPDX-License-Identifier: Apache-2.0 */
#include "vitals.h"

#include <reseal/ack.h>
#include <reseal/rekey.h>
#include <string.h>

enum {
    JOIN_AGAIN_MS = 20000,
    CONNECT_LIMIT_MS = 30000,
    ACKNOWLEDGE_LIMIT_MS = 20000,
    PAUSE_FIRST_MS = 500,
    PAUSE_LONGEST_MS = 30000
};

_Static_assert((int)RESEAL_REKEY_RECORD_MAX <= (int)VITALS_COMMAND_MAX, "a board has room for a new key");

static uint32_t now(const struct vitals *vitals) {
    return vitals->board->now_ms(vitals->board->context);
}

/* Correct across the clock's wrap. */
static bool is_over(const struct vitals *vitals, uint32_t since_ms, uint32_t limit_ms) {
    return now(vitals) - since_ms >= limit_ms;
}

static void enter(struct vitals *vitals, enum vitals_state state) {
    vitals->state = state;
    vitals->since_ms = now(vitals);
}

enum reseal_status vitals_open(struct vitals *vitals, const struct board *board,
                               const struct reseal_credentials *credentials, const struct reseal_port *port,
                               enum reseal_listener listener) {
    memset(vitals, 0, sizeof *vitals);
    vitals->board = board;
    vitals->listener = listener;
    vitals->interval_ms = VITALS_INTERVAL_MS;
    vitals->pause_ms = PAUSE_FIRST_MS;
    vitals->last_reading_ms = now(vitals);
    const enum reseal_status status = reseal_device_open(&vitals->device, credentials, port);
    if (status == RESEAL_OK) {
        memcpy(vitals->principal, credentials->principal, sizeof vitals->principal);
        enter(vitals, VITALS_JOINING);
        board->join(board->context);
    }
    return status;
}

void vitals_close(struct vitals *vitals) {
    reseal_device_close(&vitals->device);
    reseal_wipe(vitals->login, sizeof vitals->login);
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
    slot->seal = ++vitals->seals;
    slot->counter = counter_of(&slot->message);
    return true;
}

static bool send(struct vitals *vitals, struct slot *slot) {
    if (slot->sent || slot->acknowledged) {
        return true;
    }
    if (outbox_needs_seal(slot, vitals->seals) && !seal(vitals, slot)) {
        return false;
    }
    slot->sent = vitals->board->publish(vitals->board->context, &slot->message, slot->entry.number);
    slot->sent_ms = now(vitals);
    return slot->sent;
}

static void send_due(struct vitals *vitals) {
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

/*
 * A password is good for one connection and takes a counter of the replay window. A password that the broker has not
 * seen, as in an outage, is used again, so that a long outage does not push the messages in flight out of the window.
 */
static bool make_login(struct vitals *vitals) {
    if (vitals->login[0] != '\0') {
        return true;
    }
    vitals->fault = reseal_device_login(&vitals->device, vitals->listener, "{id}", vitals->login, sizeof vitals->login);
    vitals->seals += vitals->fault == RESEAL_OK ? 1 : 0;
    return vitals->fault == RESEAL_OK;
}

static void begin_pause(struct vitals *vitals, enum vitals_state state) {
    outbox_connection_lost(&vitals->outbox);
    vitals->subscriptions = 0;
    vitals->rekeyed = false;
    enter(vitals, state);
}

static void connect(struct vitals *vitals) {
    const struct board *board = vitals->board;
    if (!make_login(vitals)) {
        begin_pause(vitals, VITALS_PAUSE);
        return;
    }
    enter(vitals, VITALS_CONNECTING);
    board->connect(board->context, vitals->principal, vitals->login);
}

static void step_joining(struct vitals *vitals) {
    const struct board *board = vitals->board;
    const enum board_network network = board->network(board->context);
    if (network == BOARD_NETWORK_UP) {
        connect(vitals);
    } else if (network == BOARD_NETWORK_DOWN && is_over(vitals, vitals->since_ms, JOIN_AGAIN_MS)) {
        enter(vitals, VITALS_JOINING);
        board->join(board->context);
    }
}

static void drop(struct vitals *vitals) {
    vitals->board->disconnect(vitals->board->context);
    vitals_lost(vitals);
}

static bool acknowledgement_is_late(struct vitals *vitals) {
    const struct slot *oldest = outbox_slot(&vitals->outbox, 0);
    return vitals->outbox.slot_count > 0 && oldest->sent && is_over(vitals, oldest->sent_ms, ACKNOWLEDGE_LIMIT_MS);
}

static bool subscribe_to_commands(const struct vitals *vitals) {
    char filter[RESEAL_DEVICE_TOPIC_MAX];
    struct text text = {.memory = filter, .capacity = sizeof filter};
    text_add(&text, "commands/");
    text_add(&text, vitals->principal);
    text_add(&text, "/#");
    return vitals->board->subscribe(vitals->board->context, filter);
}

static bool subscribe_to_key(const struct vitals *vitals) {
    char filter[RESEAL_REKEY_TOPIC_SIZE];
    reseal_rekey_topic(&vitals->device, filter);
    return vitals->board->subscribe(vitals->board->context, filter);
}

/* Whether anybody on the path could answer in the broker's place. */
static bool is_open_channel(const struct vitals *vitals) {
    return vitals->listener == RESEAL_LISTENER_SEALED || vitals->listener == RESEAL_LISTENER_LOOPBACK;
}

static bool subscribe_to_ack(const struct vitals *vitals) {
    char filter[RESEAL_ACK_TOPIC_SIZE];
    reseal_ack_topic(&vitals->device, filter);
    return !is_open_channel(vitals) || vitals->board->subscribe(vitals->board->context, filter);
}

static void subscribe_due(struct vitals *vitals) {
    static bool (*const all[])(const struct vitals *) = {subscribe_to_ack, subscribe_to_commands, subscribe_to_key};
    while (vitals->subscriptions < sizeof all / sizeof all[0] && all[vitals->subscriptions](vitals)) {
        vitals->subscriptions++;
    }
}

static void step_online(struct vitals *vitals) {
    const struct board *board = vitals->board;
    if (board->network(board->context) != BOARD_NETWORK_UP || acknowledgement_is_late(vitals) || vitals->rekeyed) {
        drop(vitals);
        return;
    }
    subscribe_due(vitals);
    send_due(vitals);
}

static void step_pause(struct vitals *vitals) {
    if (is_over(vitals, vitals->since_ms, vitals->pause_ms)) {
        vitals->pause_ms = vitals->pause_ms * 2 < PAUSE_LONGEST_MS ? vitals->pause_ms * 2 : PAUSE_LONGEST_MS;
        enter(vitals, VITALS_JOINING);
    }
}

void vitals_step(struct vitals *vitals) {
    take_due(vitals);
    switch (vitals->state) {
        case VITALS_JOINING:
            step_joining(vitals);
            break;
        case VITALS_CONNECTING:
            if (is_over(vitals, vitals->since_ms, CONNECT_LIMIT_MS)) {
                drop(vitals);
            }
            break;
        case VITALS_ONLINE:
            step_online(vitals);
            break;
        case VITALS_PAUSE:
        case VITALS_REFUSED:
            step_pause(vitals);
            break;
    }
    vitals->board->led(vitals->board->context, led_is_on(vitals_led(vitals), now(vitals)));
}

enum led_pattern vitals_led(const struct vitals *vitals) {
    if (vitals->identify_ms > 0 && !is_over(vitals, vitals->identify_since_ms, vitals->identify_ms)) {
        return LED_IDENTIFY;
    }
    if (vitals->fault != RESEAL_OK) {
        return LED_FAULT;
    }
    switch (vitals->state) {
        case VITALS_ONLINE:
            return LED_ONLINE;
        case VITALS_REFUSED:
            return LED_REFUSED;
        case VITALS_JOINING:
            return LED_JOINING;
        default:
            return LED_CONNECTING;
    }
}

void vitals_connected(struct vitals *vitals) {
    reseal_wipe(vitals->login, sizeof vitals->login);
    vitals->pause_ms = PAUSE_FIRST_MS;
    enter(vitals, VITALS_ONLINE);
}

void vitals_refused(struct vitals *vitals) {
    reseal_wipe(vitals->login, sizeof vitals->login);
    begin_pause(vitals, VITALS_REFUSED);
}

void vitals_lost(struct vitals *vitals) {
    begin_pause(vitals, VITALS_PAUSE);
}

void vitals_acknowledged(struct vitals *vitals, uint32_t number) {
    if (!is_open_channel(vitals)) {
        outbox_acknowledge(&vitals->outbox, number);
    }
}

static void take_ack(struct vitals *vitals, struct reseal_bytes payload) {
    struct reseal_ack ack;
    if (reseal_device_ack(&vitals->device, payload, &ack) == RESEAL_OK) {
        outbox_accepted(&vitals->outbox, &ack);
    } else {
        vitals->not_commands++;
    }
}

static void carry_out(struct vitals *vitals, const struct command *command) {
    if (command->name == COMMAND_INTERVAL) {
        vitals->interval_ms = command->value;
    } else if (command->name == COMMAND_IDENTIFY) {
        vitals->identify_ms = command->value * 1000;
        vitals->identify_since_ms = now(vitals);
    }
}

/*
 * Messages in flight were sealed under the previous key, which the broker still accepts: they go out again unchanged.
 */
static void take_key(struct vitals *vitals, struct reseal_bytes payload) {
    const struct reseal_key_store keys = {vitals->board->context, vitals->board->store_key};
    const enum reseal_status status = reseal_device_rekey(&vitals->device, payload, &keys);
    vitals->rekeyed = status == RESEAL_OK;
    vitals->not_commands += status == RESEAL_OK ? 0 : 1;
}

static bool is_key_topic(const struct vitals *vitals, const char *topic) {
    char own[RESEAL_REKEY_TOPIC_SIZE];
    reseal_rekey_topic(&vitals->device, own);
    return strcmp(topic, own) == 0;
}

static bool is_ack_topic(const struct vitals *vitals, const char *topic) {
    char own[RESEAL_ACK_TOPIC_SIZE];
    reseal_ack_topic(&vitals->device, own);
    return strcmp(topic, own) == 0;
}

void vitals_received(struct vitals *vitals, const char *topic, struct reseal_bytes payload) {
    if (is_key_topic(vitals, topic)) {
        take_key(vitals, payload);
        return;
    }
    if (is_ack_topic(vitals, topic)) {
        take_ack(vitals, payload);
        return;
    }
    uint8_t memory[VITALS_COMMAND_MAX];
    struct reseal_buffer opened = {memory, sizeof memory, 0};
    if (reseal_device_receive(&vitals->device, topic, payload, &opened) != RESEAL_OK) {
        vitals->not_commands++;
        return;
    }
    const char *name = strrchr(topic, '/');
    const struct command command =
        command_parse(name == NULL ? topic : name + 1, (struct reseal_bytes){opened.data, opened.size});
    if (command.valid) {
        carry_out(vitals, &command);
    }
    const struct entry entry = {
        .ms = now(vitals), .is_answer = true, .answer = {.command = command.name, .done = command.valid}};
    outbox_put(&vitals->outbox, &entry);
}
