/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opens what device-sdk/examples/reading_posix.c printed: sdk_opens TOPIC HEX prints the plaintext, or says on stderr
 * why it does not open.
 */
#include <reseal/receiver.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "credentials.h"

enum { MESSAGE_MAX = 512 };

static size_t from_hex(const char *hex, uint8_t *out) {
    size_t size = 0;
    for (; size < MESSAGE_MAX && hex[2 * size] != '\0' && hex[2 * size + 1] != '\0'; size++) {
        const char digits[3] = {hex[2 * size], hex[2 * size + 1], '\0'};
        out[size] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return size;
}

int main(int count, char **arguments) {
    if (count != 3) {
        (void)fprintf(stderr, "usage: sdk_opens TOPIC HEX\n");
        return 2;
    }
    static struct reseal_receiver receiver;
    static uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)];
    static uint8_t message[MESSAGE_MAX];
    static uint8_t text[MESSAGE_MAX];
    struct reseal_buffer out = {text, sizeof text, 0};
    enum reseal_status status = reseal_receiver_open(&receiver, &reseal_device_credentials, RESEAL_UPLINK,
                                                     reseal_crypto_openssl(), words, RESEAL_WINDOW_DEFAULT, NULL);
    if (status == RESEAL_OK) {
        const struct reseal_bytes topic = {(const uint8_t *)arguments[1], strlen(arguments[1])};
        status = reseal_receiver_accept(&receiver, topic,
                                        (struct reseal_bytes){message, from_hex(arguments[2], message)}, &out);
    }
    reseal_receiver_close(&receiver);
    if (status != RESEAL_OK) {
        (void)fprintf(stderr, "%s\n", reseal_status_text(status));
        return 1;
    }
    (void)printf("%.*s\n", (int)out.size, (const char *)text);
    return 0;
}
