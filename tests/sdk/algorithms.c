/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the numbers of the algorithms that the adapter refuses. With each other one it seals a message and opens it.
 */
#include <reseal/crypto.h>
#include <stdio.h>
#include <string.h>

#ifndef ADAPTER
#define ADAPTER reseal_crypto_mbedtls
#endif

static const uint8_t key[RESEAL_KEY_SIZE_MAX] = "0123456789abcdef0123456789abcde";
static const uint8_t nonce[RESEAL_NONCE_SIZE_MAX] = "a nonce once";
static const uint8_t text[] = "72";

static enum reseal_status prepare(struct reseal_aead *aead, int algorithm, enum reseal_use use) {
    return ADAPTER()->init(aead, (enum reseal_algorithm)algorithm, use, key);
}

/* Whether a message comes back as it was. */
static bool comes_back(int algorithm) {
    const struct reseal_crypto *crypto = ADAPTER();
    const struct reseal_bytes aad = {text, 1};
    uint8_t sealed[sizeof text + RESEAL_TAG_SIZE];
    uint8_t opened[sizeof text];
    struct reseal_aead aead;
    if (prepare(&aead, algorithm, RESEAL_USE_SEAL) != RESEAL_OK ||
        crypto->seal(&aead, nonce, aad, (struct reseal_bytes){text, sizeof text}, sealed) != RESEAL_OK) {
        return false;
    }
    crypto->wipe(&aead);
    const bool done =
        prepare(&aead, algorithm, RESEAL_USE_OPEN) == RESEAL_OK &&
        crypto->open(&aead, nonce, aad, (struct reseal_bytes){sealed, sizeof sealed}, opened) == RESEAL_OK &&
        memcmp(opened, text, sizeof text) == 0;
    crypto->wipe(&aead);
    return done;
}

int main(void) {
    const int algorithms[] = {RESEAL_A128GCM, RESEAL_A256GCM, RESEAL_CHACHA20_POLY1305, RESEAL_AES_CCM_16_128_128,
                              RESEAL_AES_CCM_16_128_256};
    const char *separator = "";
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        struct reseal_aead aead;
        if (prepare(&aead, algorithms[i], RESEAL_USE_SEAL) == RESEAL_WRONG_ALGORITHM) {
            (void)printf("%s%d", separator, algorithms[i]);
            separator = " ";
        } else if (!comes_back(algorithms[i])) {
            (void)fprintf(stderr, "algorithm %d neither works nor is refused\n", algorithms[i]);
            return 1;
        }
    }
    return 0;
}
