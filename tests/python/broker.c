/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The broker's side of one device, for the tests of the Python module. Prints one line for each message, in hex.
 *
 *   broker CREDENTIALS open TOPIC MESSAGE          opens what the device sealed
 *   broker CREDENTIALS seal EPOCH TOPIC PLAIN...   seals for the device, all in one epoch
 */
#include <reseal/receiver.h>
#include <reseal/sender.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "python/credentials_json.h"

enum { BYTES_MAX = 4096 };

static struct reseal_bytes from_hex(const char* hex, uint8_t* out) {
    size_t size = 0;
    for (; size < BYTES_MAX && hex[2 * size] != '\0' && hex[2 * size + 1] != '\0'; size++) {
        const char digits[3] = {hex[2 * size], hex[2 * size + 1], '\0'};
        out[size] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return (struct reseal_bytes){out, size};
}

static int print(enum reseal_status status, const struct reseal_buffer* out) {
    if (status != RESEAL_OK) {
        (void)printf("refused %d\n", (int)status);
        return 1;
    }
    for (size_t i = 0; i < out->size; i++) {
        (void)printf("%02x", out->data[i]);
    }
    (void)printf("\n");
    return 0;
}

static struct reseal_bytes name(const char* topic) {
    return (struct reseal_bytes){(const uint8_t*)topic, strlen(topic)};
}

static int open_one(const struct reseal_credentials* credentials, const char* topic, const char* hex) {
    static struct reseal_receiver receiver;
    static uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)];
    static uint8_t message[BYTES_MAX];
    static uint8_t text[BYTES_MAX];
    struct reseal_buffer out = {text, sizeof text, 0};
    enum reseal_status status = reseal_receiver_open(&receiver, credentials, RESEAL_UPLINK, reseal_crypto_openssl(),
                                                     words, RESEAL_WINDOW_DEFAULT, NULL);
    if (status == RESEAL_OK) {
        status = reseal_receiver_accept(&receiver, name(topic), from_hex(hex, message), &out);
    }
    return print(status, &out);
}

static enum reseal_status load(void* context, uint32_t* epoch) {
    *epoch = *(const uint32_t*)context - 1;
    return RESEAL_OK;
}

static enum reseal_status store(void* context, uint32_t epoch) {
    return epoch == *(const uint32_t*)context ? RESEAL_OK : RESEAL_EPOCH_NOT_STORED;
}

/* The salt: the same for the same epoch, so that a test can go on in it. */
static bool fill(void* context, uint8_t* out, size_t size) {
    (void)context;
    memset(out, 7, size);
    return true;
}

static int seal_all(const struct reseal_credentials* credentials, char** arguments) {
    uint32_t epoch = (uint32_t)strtoul(arguments[0], NULL, 10);
    const struct reseal_epoch_store epochs = {&epoch, load, store, NULL};
    const struct reseal_random random = {NULL, fill};
    static struct reseal_sender sender;
    static uint8_t plain[BYTES_MAX];
    static uint8_t message[BYTES_MAX + RESEAL_OVERHEAD_MAX];
    enum reseal_status status =
        reseal_sender_open(&sender, credentials, RESEAL_DOWNLINK, reseal_crypto_openssl(), &epochs, &random);
    int failed = status != RESEAL_OK;
    for (char** text = arguments + 2; !failed && *text != NULL; text++) {
        struct reseal_buffer out = {message, sizeof message, 0};
        status = reseal_sender_seal(&sender, name(arguments[1]), from_hex(*text, plain), &out);
        failed = print(status, &out);
    }
    return failed;
}

static bool read_credentials(const char* path, struct reseal_credentials* out) {
    static uint8_t text[BYTES_MAX];
    FILE* file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    const size_t size = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    return reseal_credentials_json_read((struct reseal_bytes){text, size}, out) == NULL;
}

int main(int count, char** arguments) {
    struct reseal_credentials credentials;
    if (count < 5 || !read_credentials(arguments[1], &credentials)) {
        (void)fprintf(stderr, "usage: broker CREDENTIALS open TOPIC MESSAGE | seal EPOCH TOPIC PLAIN...\n");
        return 2;
    }
    if (strcmp(arguments[2], "open") == 0) {
        return open_one(&credentials, arguments[3], arguments[4]);
    }
    return seal_all(&credentials, arguments + 3);
}
