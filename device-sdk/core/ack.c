/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/ack.h>
#include <string.h>

#include "cbor.h"
#include "own_topic.h"

enum { RECORD_VERSION = 1, NUMBER_SIZE = 4 };

void reseal_ack_topic(const struct reseal_device *device, char out[RESEAL_ACK_TOPIC_SIZE]) {
    reseal_own_topic(device, "/ack", out);
}

void reseal_ack_write(uint8_t out[RESEAL_ACK_SIZE], const struct reseal_ack *ack) {
    uint8_t *at = out;
    *at++ = RECORD_VERSION;
    at = reseal_put_number(at, ack->epoch.number, NUMBER_SIZE);
    at = reseal_put_bytes(at, ack->epoch.salt, RESEAL_SALT_SIZE);
    at = reseal_put_number(at, ack->counter, NUMBER_SIZE);
    reseal_put_bytes(at, ack->window, RESEAL_ACK_WINDOW_SIZE);
}

static uint32_t number_at(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

bool reseal_ack_read(struct reseal_bytes record, struct reseal_ack *out) {
    memset(out, 0, sizeof *out);
    if (record.size != RESEAL_ACK_SIZE || record.data[0] != RECORD_VERSION) {
        return false;
    }
    const uint8_t *at = record.data + 1;
    out->epoch.number = number_at(at);
    at += NUMBER_SIZE;
    memcpy(out->epoch.salt, at, RESEAL_SALT_SIZE);
    at += RESEAL_SALT_SIZE;
    out->counter = number_at(at);
    at += NUMBER_SIZE;
    memcpy(out->window, at, RESEAL_ACK_WINDOW_SIZE);
    return true;
}

enum reseal_status reseal_device_ack(struct reseal_device *device, struct reseal_bytes payload,
                                     struct reseal_ack *out) {
    if (device == NULL || out == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    memset(out, 0, sizeof *out);
    char topic[RESEAL_ACK_TOPIC_SIZE];
    uint8_t memory[RESEAL_ACK_SIZE + RESEAL_OVERHEAD_MAX];
    struct reseal_buffer record = {memory, sizeof memory, 0};
    reseal_ack_topic(device, topic);
    const enum reseal_status status = reseal_device_receive(device, topic, payload, &record);
    if (status != RESEAL_OK) {
        return status;
    }
    return reseal_ack_read((struct reseal_bytes){record.data, record.size}, out) ? RESEAL_OK : RESEAL_MALFORMED;
}

bool reseal_ack_names(const struct reseal_ack *ack, struct reseal_bytes message) {
    struct reseal_envelope envelope;
    if (ack->epoch.number == 0 || reseal_envelope_parse(message, &envelope) != RESEAL_OK ||
        !reseal_epoch_equal(&envelope.epoch, &ack->epoch) || envelope.counter > ack->counter) {
        return false;
    }
    if (envelope.counter == ack->counter) {
        return true;
    }
    const uint32_t bit = ack->counter - envelope.counter - 1;
    return bit < 8 * RESEAL_ACK_WINDOW_SIZE && (ack->window[bit / 8] >> (bit % 8) & 1U) != 0;
}
