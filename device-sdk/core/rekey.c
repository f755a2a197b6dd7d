/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/rekey.h>
#include <string.h>

#include "own_topic.h"

enum { RECORD_VERSION = 1, FIXED_SIZE = RESEAL_REKEY_RECORD_MAX - RESEAL_PRINCIPAL_MAX };

void reseal_rekey_topic(const struct reseal_device *device, char out[RESEAL_REKEY_TOPIC_SIZE]) {
    reseal_own_topic(device, "/key", out);
}

size_t reseal_rekey_record_write(uint8_t out[RESEAL_REKEY_RECORD_MAX], const struct reseal_credentials *credentials) {
    const size_t name_size = strlen(credentials->principal);
    uint8_t *at = out;
    *at++ = RECORD_VERSION;
    *at++ = credentials->algorithm;
    memcpy(at, credentials->key_id, RESEAL_KEY_ID_SIZE);
    at += RESEAL_KEY_ID_SIZE;
    memcpy(at, credentials->master, RESEAL_MASTER_SIZE);
    at += RESEAL_MASTER_SIZE;
    memcpy(at, credentials->principal, name_size);
    return FIXED_SIZE + name_size;
}

/* False unless `record` is exactly one record. `out` comes zeroed except for the realm, which a new key keeps. */
static bool read_record(const struct reseal_buffer *record, struct reseal_credentials *out) {
    if (record->size <= FIXED_SIZE || record->data[0] != RECORD_VERSION) {
        return false;
    }
    const uint8_t *at = record->data + 1;
    out->algorithm = *at++;
    memcpy(out->key_id, at, RESEAL_KEY_ID_SIZE);
    at += RESEAL_KEY_ID_SIZE;
    memcpy(out->master, at, RESEAL_MASTER_SIZE);
    at += RESEAL_MASTER_SIZE;
    memcpy(out->principal, at, record->size - FIXED_SIZE);
    return memchr(at, '\0', record->size - FIXED_SIZE) == NULL && reseal_credentials_check(out) == RESEAL_OK;
}

/* Accepts only a new key for the same principal and algorithm. */
static enum reseal_status check(const struct reseal_credentials *fresh, const struct reseal_credentials *current) {
    if (strcmp(fresh->principal, current->principal) != 0 ||
        memcmp(fresh->key_id, current->key_id, RESEAL_KEY_ID_SIZE) == 0) {
        return RESEAL_BAD_CREDENTIALS;
    }
    return fresh->algorithm == current->algorithm ? RESEAL_OK : RESEAL_WRONG_ALGORITHM;
}

/* The port that the device was opened with. */
static enum reseal_status open_anew(struct reseal_device *device, const struct reseal_credentials *fresh) {
    const struct reseal_port port = {device->sender.crypto, device->sender.epochs, device->sender.random,
                                     device->receiver.windows};
    reseal_device_close(device);
    return reseal_device_open(device, fresh, &port);
}

/* Not inlined, or it would stay on the stack while the message is opened. */
__attribute__((noinline)) static enum reseal_status take(struct reseal_device *device,
                                                         const struct reseal_buffer *record,
                                                         const struct reseal_key_store *keys) {
    struct reseal_credentials fresh = {0};
    memcpy(fresh.realm, device->receiver.credentials.realm, sizeof fresh.realm);
    enum reseal_status status =
        read_record(record, &fresh) ? check(&fresh, &device->receiver.credentials) : RESEAL_BAD_CREDENTIALS;
    if (status == RESEAL_OK) {
        status = keys->store(keys->context, &fresh);
    }
    if (status == RESEAL_OK) {
        status = open_anew(device, &fresh);
    }
    reseal_wipe(&fresh, sizeof fresh);
    return status;
}

enum reseal_status reseal_device_rekey(struct reseal_device *device, struct reseal_bytes payload,
                                       const struct reseal_key_store *keys) {
    if (device == NULL || keys == NULL || keys->store == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    char topic[RESEAL_REKEY_TOPIC_SIZE];
    uint8_t memory[RESEAL_REKEY_RECORD_MAX];
    struct reseal_buffer record = {memory, sizeof memory, 0};
    reseal_rekey_topic(device, topic);
    enum reseal_status status = reseal_device_receive(device, topic, payload, &record);
    if (status == RESEAL_OK) {
        status = take(device, &record, keys);
    }
    reseal_wipe(memory, sizeof memory);
    return status;
}
