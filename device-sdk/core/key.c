#include <reseal/key.h>
#include <string.h>

#include "cbor.h"
#include "derivation.h"

enum { CONTEXT_SIZE = 4 + RESEAL_SALT_SIZE };

static bool is_name_character(char c) {
    const char lower = (char)(c | 0x20); /* of a letter; no other character becomes one */
    return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

enum reseal_status reseal_credentials_check(const struct reseal_credentials *credentials) {
    size_t length = 0;
    while (length < RESEAL_PRINCIPAL_MAX && is_name_character(credentials->principal[length])) {
        length++;
    }
    const bool named = length > 0 && credentials->principal[length] == '\0';
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

size_t reseal_info_write(uint8_t out[RESEAL_INFO_MAX], struct reseal_bytes id, struct reseal_bytes context,
                         int algorithm, const char *type, size_t size) {
    uint8_t *at = reseal_cbor_small(out, RESEAL_CBOR_ARRAY, 5);
    at = reseal_cbor_string(at, RESEAL_CBOR_BYTES, id);
    if (context.data != NULL) {
        at = reseal_cbor_string(at, RESEAL_CBOR_BYTES, context);
    } else {
        *at++ = RESEAL_CBOR_NULL;
    }
    at = reseal_cbor_head(at, RESEAL_CBOR_UINT, (uint32_t)algorithm);
    at = reseal_cbor_string(at, RESEAL_CBOR_TEXT, (struct reseal_bytes){(const uint8_t *)type, strlen(type)});
    at = reseal_cbor_head(at, RESEAL_CBOR_UINT, (uint32_t)size);
    return (size_t)(at - out);
}

/* Everything but type and size is the same for key and base IV. */
struct derivation {
    const struct reseal_crypto *crypto;
    const struct reseal_credentials *credentials;
    uint8_t kid[RESEAL_KID_SIZE];
    uint8_t context[CONTEXT_SIZE];
};

static enum reseal_status derive(const struct derivation *from, const char *type, uint8_t *out, size_t size) {
    uint8_t info[RESEAL_INFO_MAX];
    const size_t info_size =
        reseal_info_write(info, (struct reseal_bytes){from->kid, RESEAL_KID_SIZE},
                          (struct reseal_bytes){from->context, CONTEXT_SIZE}, from->credentials->algorithm, type, size);
    return from->crypto->hkdf_sha256((struct reseal_bytes){from->credentials->key_id, RESEAL_KEY_ID_SIZE},
                                     (struct reseal_bytes){from->credentials->master, RESEAL_MASTER_SIZE},
                                     (struct reseal_bytes){info, info_size}, out, size);
}

enum reseal_status reseal_epoch_keys_derive(const struct reseal_crypto *crypto,
                                            const struct reseal_credentials *credentials,
                                            enum reseal_direction direction, const struct reseal_epoch *epoch,
                                            enum reseal_use use, struct reseal_epoch_keys *out) {
    const struct reseal_sizes sizes = reseal_algorithm_sizes(credentials->algorithm);
    struct derivation from;
    from.crypto = crypto;
    from.credentials = credentials;
    uint8_t *kid = reseal_put_bytes(from.kid, credentials->key_id, RESEAL_KEY_ID_SIZE);
    *kid = (uint8_t)direction;
    uint8_t *salt = reseal_put_number(from.context, epoch->number, sizeof epoch->number);
    reseal_put_bytes(salt, epoch->salt, RESEAL_SALT_SIZE);

    uint8_t key[RESEAL_KEY_SIZE_MAX];
    enum reseal_status status = sizes.key == 0 ? RESEAL_WRONG_ALGORITHM : derive(&from, "Key", key, sizes.key);
    if (status == RESEAL_OK) {
        status = derive(&from, "IV", out->base_iv, sizes.nonce);
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
