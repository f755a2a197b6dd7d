/* SPDX-License-Identifier: Apache-2.0 */
#include <pico/rand.h>
#include <pico/unique_id.h>
#include <string.h>

#include "stores.h"

/*
 * pico_rand's generator is not cryptographic. Its output is hashed, so that what goes out does not reveal its state: 64
 * bytes in for 32 out, with fresh entropy at every call.
 */
static bool draw(uint8_t *out, size_t size) {
    pico_unique_board_id_t board;
    pico_get_unique_board_id(&board);
    rng_128_t drawn[4];
    for (size_t i = 0; i < count_of(drawn); i++) {
        get_rand_128(&drawn[i]);
    }
    const struct reseal_bytes salt = {board.id, sizeof board.id};
    const struct reseal_bytes secret = {(const uint8_t *)drawn, sizeof drawn};
    const struct reseal_bytes none = {NULL, 0};
    const enum reseal_status status = reseal_crypto_mbedtls()->hkdf_sha256(salt, secret, none, out, size);
    reseal_wipe(drawn, sizeof drawn);
    return status == RESEAL_OK;
}

static bool fill(void *context, uint8_t *out, size_t size) {
    (void)context;
    enum { AT_ONCE = 32 };
    bool done = true;
    while (done && size > 0) {
        const size_t part = size < AT_ONCE ? size : AT_ONCE;
        done = draw(out, part);
        out += part;
        size -= part;
    }
    return done;
}

struct reseal_port reseal_pico_port(void) {
    return (struct reseal_port){.crypto = reseal_crypto_mbedtls(),
                                .epochs = reseal_pico_epochs(),
                                .windows = reseal_pico_windows(),
                                .random = {NULL, fill}};
}
