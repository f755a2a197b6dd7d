/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seals and opens every vector and refuses every malformed message. Its first argument is a file that reseal-vectors
 * --binary wrote; see device-sdk/tools/vectors/binary_file.h for its form.
 */
#include <reseal/receiver.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

enum { NAME_MAX = 64, LONGEST = 65535 + RESEAL_OVERHEAD_MAX };

static FILE *file;

/* One of a kind at a time: a device with 264 KiB of memory holds the longest message of AES-CCM twice. */
static uint8_t plaintext[LONGEST];
static uint8_t envelope[LONGEST];
static uint8_t result[LONGEST];

struct vector {
    char name[NAME_MAX + 1];
    struct reseal_credentials credentials;
    enum reseal_direction direction;
    struct reseal_epoch epoch;
    uint32_t counter;
    uint8_t topic[RESEAL_TOPIC_MAX];
    size_t topic_size;
    size_t plaintext_size;
    size_t envelope_size;
};

static bool take(void *out, size_t size) {
    return size == 0 || fread(out, size, 1, file) == 1;
}

static bool take_number(uint32_t *out) {
    uint8_t bytes[4];
    if (!take(bytes, sizeof bytes)) {
        return false;
    }
    *out = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    return true;
}

static bool take_bytes(void *out, size_t capacity, size_t *size) {
    uint32_t found = 0;
    if (!take_number(&found) || found > capacity || !take(out, found)) {
        return false;
    }
    *size = found;
    return true;
}

static bool take_vector(struct vector *out) {
    memset(out, 0, sizeof *out);
    size_t size = 0;
    uint32_t algorithm = 0;
    uint32_t direction = 0;
    const bool whole = take_bytes(out->name, NAME_MAX, &size) && take_number(&algorithm) &&
                       take(out->credentials.key_id, RESEAL_KEY_ID_SIZE) &&
                       take(out->credentials.realm, sizeof out->credentials.realm) &&
                       take(out->credentials.master, RESEAL_MASTER_SIZE) && take_number(&direction) &&
                       take_number(&out->epoch.number) && take(out->epoch.salt, RESEAL_SALT_SIZE) &&
                       take_number(&out->counter) && take_bytes(out->topic, sizeof out->topic, &out->topic_size) &&
                       take_bytes(plaintext, sizeof plaintext, &out->plaintext_size) &&
                       take_bytes(envelope, sizeof envelope, &out->envelope_size);
    out->credentials.principal[0] = 'v';
    out->credentials.algorithm = (uint8_t)algorithm;
    out->direction = (enum reseal_direction)direction;
    return whole;
}

static struct reseal_bytes topic_of(const struct vector *vector) {
    return (struct reseal_bytes){vector->topic, vector->topic_size};
}

static void seal(const struct vector *vector) {
    struct reseal_epoch_keys keys = {0};
    enum reseal_status status = reseal_epoch_keys_derive(reseal_crypto_mbedtls(), &vector->credentials,
                                                         vector->direction, &vector->epoch, RESEAL_USE_SEAL, &keys);
    struct reseal_envelope header = {.algorithm = vector->credentials.algorithm,
                                     .direction = (uint8_t)vector->direction,
                                     .epoch = vector->epoch,
                                     .counter = vector->counter};
    memcpy(header.key_id, vector->credentials.key_id, RESEAL_KEY_ID_SIZE);
    struct reseal_buffer out = {result, sizeof result, 0};
    if (status == RESEAL_OK) {
        status = reseal_message_seal(&keys, &header, topic_of(vector),
                                     (struct reseal_bytes){plaintext, vector->plaintext_size}, &out);
    }
    check(status == RESEAL_OK, vector->name, reseal_status_text(status));
    check(out.size == vector->envelope_size && memcmp(result, envelope, out.size) == 0, vector->name,
          "sealing gives a different envelope");
    reseal_epoch_keys_wipe(&keys);
}

static uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)];

static enum reseal_status accept(struct reseal_receiver *receiver, const struct vector *vector, size_t size,
                                 size_t *opened) {
    struct reseal_buffer out = {result, sizeof result, 0};
    const enum reseal_status status =
        reseal_receiver_accept(receiver, topic_of(vector), (struct reseal_bytes){envelope, size}, &out);
    *opened = out.size;
    return status;
}

static void open_receiver(struct reseal_receiver *receiver, const struct vector *vector) {
    const enum reseal_status status = reseal_receiver_open(receiver, &vector->credentials, vector->direction,
                                                           reseal_crypto_mbedtls(), words, RESEAL_WINDOW_DEFAULT, NULL);
    check(status == RESEAL_OK, vector->name, reseal_status_text(status));
}

static void open(const struct vector *vector) {
    struct reseal_receiver receiver;
    open_receiver(&receiver, vector);
    size_t size = 0;
    enum reseal_status status = accept(&receiver, vector, vector->envelope_size, &size);
    check(status == RESEAL_OK, vector->name, reseal_status_text(status));
    check(size == vector->plaintext_size && memcmp(result, plaintext, size) == 0, vector->name,
          "opening gives a different plaintext");
    status = accept(&receiver, vector, vector->envelope_size, &size);
    check(status == RESEAL_REPLAY, vector->name, "it is accepted twice");
    reseal_receiver_close(&receiver);
}

/* Gives each malformed message to the receiver of the valid one that it was made from. */
static bool refuse_all(const struct vector *valid) {
    uint32_t count = 0;
    if (!take_number(&count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        char why[NAME_MAX + 1] = {0};
        size_t size = 0;
        size_t opened = 0;
        struct reseal_receiver receiver;
        open_receiver(&receiver, valid);
        if (!take_bytes(why, NAME_MAX, &size) || !take_bytes(envelope, sizeof envelope, &size)) {
            return false;
        }
        const enum reseal_status status = accept(&receiver, valid, size, &opened);
        check(status >= RESEAL_MALFORMED && status <= RESEAL_BAD_TAG && opened == 0, why, "it is not refused");
        reseal_receiver_close(&receiver);
    }
    return true;
}

static bool walk(void) {
    static struct vector vector;
    uint32_t count = 0;
    if (!take_number(&count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!take_vector(&vector)) {
            return false;
        }
        seal(&vector);
        open(&vector);
    }
    printf("%lu vectors\n", (unsigned long)count);
    return take_vector(&vector) && refuse_all(&vector);
}

int main(int count, char **arguments) {
    file = count > 1 ? fopen(arguments[count - 1], "rb") : NULL;
    check(file != NULL, "the file of vectors", "cannot be read");
    check(file != NULL && walk(), "the file of vectors", "ends too early, or has something too long");
    return check_end();
}
