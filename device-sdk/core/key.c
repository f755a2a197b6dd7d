/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/key.h>
#include <string.h>

#include "cbor.h"
#include "derivation.h"

enum { CONTEXT_SIZE = 4 + RESEAL_SALT_SIZE };

_Static_assert(offsetof(struct reseal_credentials, realm) ==
                   offsetof(struct reseal_credentials, key_id) + RESEAL_KEY_ID_SIZE,
               "key id and realm are one salt as they lie there: no device puts 71 bytes on its stack for it");

static bool is_name_character(char c) {
    const char lower = (char)(c | 0x20); /* of a letter; no other character becomes one */
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/* 1 to 64 of the allowed characters, and a NUL. */
static bool is_name(const char *name) {
    size_t length = 0;
    while (length < RESEAL_PRINCIPAL_MAX && is_name_character(name[length])) {
        length++;
    }
    return length > 0 && name[length] == '\0';
}

enum reseal_status reseal_credentials_check(const struct reseal_credentials *credentials) {
    const bool named = is_name(credentials->principal) && is_name(credentials->realm);
    const bool has_algorithm = reseal_algorithm_sizes(credentials->algorithm).key != 0;
    return named && has_algorithm ? RESEAL_OK : RESEAL_BAD_CREDENTIALS;
}

enum reseal_status reseal_open_check(const struct reseal_credentials *credentials, enum reseal_direction direction,
                                     const struct reseal_crypto *crypto) {
    if (credentials == NULL || crypto == NULL || (direction != RESEAL_UPLINK && direction != RESEAL_DOWNLINK)) {
        return RESEAL_BAD_ARGUMENT;
    }
    return reseal_credentials_check(credentials);
}

bool reseal_epoch_equal(const struct reseal_epoch *a, const struct reseal_epoch *b) {
    return a->number == b->number && memcmp(a->salt, b->salt, RESEAL_SALT_SIZE) == 0;
}

/* The part that key and base IV share, and the part of their own. Each returns the end. */
static uint8_t *info_begin(uint8_t *at, struct reseal_bytes id, struct reseal_bytes context, int algorithm) {
    at = reseal_cbor_small(at, RESEAL_CBOR_ARRAY, 5);
    at = reseal_cbor_string(at, RESEAL_CBOR_BYTES, id);
    if (context.data != NULL) {
        at = reseal_cbor_string(at, RESEAL_CBOR_BYTES, context);
    } else {
        *at++ = RESEAL_CBOR_NULL;
    }
    return reseal_cbor_head(at, RESEAL_CBOR_UINT, (uint32_t)algorithm);
}

static uint8_t *info_end(uint8_t *at, const char *type, size_t size) {
    at = reseal_cbor_string(at, RESEAL_CBOR_TEXT, (struct reseal_bytes){(const uint8_t *)type, strlen(type)});
    return reseal_cbor_head(at, RESEAL_CBOR_UINT, (uint32_t)size);
}

size_t reseal_info_write(uint8_t out[RESEAL_INFO_MAX], struct reseal_bytes id, struct reseal_bytes context,
                         int algorithm, const char *type, size_t size) {
    return (size_t)(info_end(info_begin(out, id, context, algorithm), type, size) - out);
}

struct info {
    uint8_t *own; /* after the part that key and base IV share */
    uint8_t bytes[RESEAL_INFO_MAX - 1];
    uint8_t salt_size;
};

/* Not inlined, or its variables would stay on the caller's stack during the derivation. */
__attribute__((noinline)) static void info_of_epoch(struct info *out, const struct reseal_credentials *credentials,
                                                    enum reseal_direction direction, const struct reseal_epoch *epoch) {
    uint8_t kid[RESEAL_KID_SIZE];
    uint8_t context[CONTEXT_SIZE];
    *reseal_put_bytes(kid, credentials->key_id, RESEAL_KEY_ID_SIZE) = (uint8_t)direction;
    reseal_put_bytes(reseal_put_number(context, epoch->number, sizeof epoch->number), epoch->salt, RESEAL_SALT_SIZE);
    out->salt_size = (uint8_t)(RESEAL_KEY_ID_SIZE + strlen(credentials->realm));
    out->own = info_begin(out->bytes, (struct reseal_bytes){kid, sizeof kid},
                          (struct reseal_bytes){context, sizeof context}, credentials->algorithm);
}

static enum reseal_status derive(const struct reseal_crypto *crypto, const struct reseal_credentials *credentials,
                                 const struct info *info, const char *type, uint8_t *out, size_t size) {
    const uint8_t *end = info_end(info->own, type, size);
    const uint8_t *salt = (const uint8_t *)credentials + offsetof(struct reseal_credentials, key_id);
    return crypto->hkdf_sha256((struct reseal_bytes){salt, info->salt_size},
                               (struct reseal_bytes){credentials->master, RESEAL_MASTER_SIZE},
                               (struct reseal_bytes){info->bytes, (size_t)(end - info->bytes)}, out, size);
}

enum reseal_status reseal_epoch_keys_derive(const struct reseal_crypto *crypto,
                                            const struct reseal_credentials *credentials,
                                            enum reseal_direction direction, const struct reseal_epoch *epoch,
                                            enum reseal_use use, struct reseal_epoch_keys *out) {
    const struct reseal_sizes sizes = reseal_algorithm_sizes(credentials->algorithm);
    struct info info;
    info_of_epoch(&info, credentials, direction, epoch);

    uint8_t key[RESEAL_KEY_SIZE_MAX];
    enum reseal_status status = sizes.key == 0 ? RESEAL_WRONG_ALGORITHM : RESEAL_OK;
    for (int step = 0; step < 2 && status == RESEAL_OK; step++) {
        const bool is_key = step == 0;
        status = derive(crypto, credentials, &info, is_key ? "Key" : "IV", is_key ? key : out->base_iv,
                        is_key ? sizes.key : sizes.nonce);
    }
    if (status == RESEAL_OK) {
        status = crypto->init(&out->aead, (enum reseal_algorithm)credentials->algorithm, use, key);
    }
    reseal_wipe(key, sizeof key);
    if (status != RESEAL_OK) {
        reseal_wipe(out, sizeof *out);
    }
    return status;
}

void reseal_epoch_keys_wipe(struct reseal_epoch_keys *keys) {
    if (keys->aead.crypto != NULL) {
        keys->aead.crypto->wipe(&keys->aead);
    }
    reseal_wipe(keys, sizeof *keys);
}

void reseal_epoch_keys_move(struct reseal_epoch_keys *to, struct reseal_epoch_keys *from) {
    reseal_epoch_keys_wipe(to);
    *to = *from;
    reseal_wipe(from, sizeof *from);
}

void reseal_nonce_write(uint8_t out[RESEAL_NONCE_SIZE_MAX], const struct reseal_epoch_keys *keys, uint32_t counter) {
    const size_t size = reseal_algorithm_sizes(keys->aead.algorithm).nonce;
    memcpy(out, keys->base_iv, RESEAL_NONCE_SIZE_MAX);
    for (size_t i = 0; i < sizeof counter; i++) {
        out[size - 1 - i] ^= (uint8_t)(counter >> (8 * i));
    }
}
