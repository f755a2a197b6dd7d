/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mbedTLS 2.28 and 3. The key stays in reseal_aead; a cipher's context lives on the stack for one call. Algorithms that
 * mbedTLS's configuration leaves out are left out here, too: `init` answers RESEAL_WRONG_ALGORITHM for them.
 */
#include <mbedtls/version.h> /* and with it the configuration */

#if MBEDTLS_VERSION_MAJOR >= 4
#error "mbedTLS 4 has no mbedtls_ccm and mbedtls_hkdf functions: use crypto/psa.c (RESEAL_SDK_CRYPTO=psa)"
#endif
#ifndef MBEDTLS_HKDF_C
#error "Reseal derives its keys with HKDF: define MBEDTLS_HKDF_C in mbedTLS's configuration"
#endif
#ifndef MBEDTLS_MD_C
#error "HKDF needs MBEDTLS_MD_C: define it in mbedTLS's configuration"
#endif
#if !defined(MBEDTLS_SHA256_C) && !defined(MBEDTLS_MD_CAN_SHA256)
#error "Reseal derives its keys with SHA-256: define MBEDTLS_SHA256_C in mbedTLS's configuration"
#endif

#if defined(MBEDTLS_AES_C) || defined(MBEDTLS_CCM_GCM_CAN_AES)
#ifdef MBEDTLS_CCM_C
#define HAS_CCM
#endif
#ifdef MBEDTLS_GCM_C
#define HAS_GCM
#endif
#endif
#ifndef MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
#define HAS_LONG_AES_KEYS
#endif
#ifdef MBEDTLS_CHACHAPOLY_C
#define HAS_CHACHA
#endif
#if !defined(HAS_CCM) && !defined(HAS_GCM) && !defined(HAS_CHACHA)
#error "no cipher is left: define MBEDTLS_AES_C and MBEDTLS_CCM_C in mbedTLS's configuration"
#endif

#include <mbedtls/ccm.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>
#include <reseal/crypto.h>
#include <string.h>

enum {
    SHA256_SIZE = 32,
    CCM_AAD_MAX = 0xFF00 - 1 /* mbedTLS supports only the two-byte form of the length */
};

static enum reseal_status hkdf_sha256(struct reseal_bytes salt, struct reseal_bytes secret, struct reseal_bytes info,
                                      uint8_t *out, size_t out_size) {
    const mbedtls_md_info_t *sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
    uint8_t prk[SHA256_SIZE];
    int result = mbedtls_hkdf_extract(sha256, salt.data, salt.size, secret.data, secret.size, prk);
    if (result == 0) {
        result = mbedtls_hkdf_expand(sha256, prk, sizeof prk, info.data, info.size, out, out_size);
    }
    reseal_wipe(prk, sizeof prk);
    if (result != 0) {
        reseal_wipe(out, out_size);
        return RESEAL_CRYPTO_FAILED;
    }
    return RESEAL_OK;
}

/* One message, either way: `in` and `out` are plaintext and ciphertext or the reverse. */
struct message {
    const struct reseal_aead *aead;
    const uint8_t *nonce;
    struct reseal_bytes aad;
    struct reseal_bytes in;
    uint8_t *out;
    uint8_t *tag_out;      /* when sealing */
    const uint8_t *tag_in; /* when opening */
};

/*
 * One function per algorithm, which the compiler must not inline. Otherwise the contexts of all of them, hundreds of
 * bytes, would be on the stack of each.
 */
#ifdef HAS_CCM
__attribute__((noinline)) static int ccm_message(const struct message *message) {
    const struct reseal_sizes sizes = reseal_algorithm_sizes(message->aead->algorithm);
    mbedtls_ccm_context context;
    mbedtls_ccm_init(&context);
    int result =
        mbedtls_ccm_setkey(&context, MBEDTLS_CIPHER_ID_AES, message->aead->state.key, (unsigned)(sizes.key * 8));
    if (result == 0 && message->tag_out != NULL) {
        result = mbedtls_ccm_encrypt_and_tag(&context, message->in.size, message->nonce, sizes.nonce, message->aad.data,
                                             message->aad.size, message->in.data, message->out, message->tag_out,
                                             RESEAL_TAG_SIZE);
    } else if (result == 0) {
        result = mbedtls_ccm_auth_decrypt(&context, message->in.size, message->nonce, sizes.nonce, message->aad.data,
                                          message->aad.size, message->in.data, message->out, message->tag_in,
                                          RESEAL_TAG_SIZE);
    }
    mbedtls_ccm_free(&context);
    return result;
}
#endif

#ifdef HAS_GCM
__attribute__((noinline)) static int gcm_message(const struct message *message) {
    const struct reseal_sizes sizes = reseal_algorithm_sizes(message->aead->algorithm);
    mbedtls_gcm_context context;
    mbedtls_gcm_init(&context);
    int result =
        mbedtls_gcm_setkey(&context, MBEDTLS_CIPHER_ID_AES, message->aead->state.key, (unsigned)(sizes.key * 8));
    if (result == 0 && message->tag_out != NULL) {
        result = mbedtls_gcm_crypt_and_tag(&context, MBEDTLS_GCM_ENCRYPT, message->in.size, message->nonce, sizes.nonce,
                                           message->aad.data, message->aad.size, message->in.data, message->out,
                                           RESEAL_TAG_SIZE, message->tag_out);
    } else if (result == 0) {
        result = mbedtls_gcm_auth_decrypt(&context, message->in.size, message->nonce, sizes.nonce, message->aad.data,
                                          message->aad.size, message->tag_in, RESEAL_TAG_SIZE, message->in.data,
                                          message->out);
    }
    mbedtls_gcm_free(&context);
    return result;
}
#endif

#ifdef HAS_CHACHA
__attribute__((noinline)) static int chacha_message(const struct message *message) {
    mbedtls_chachapoly_context context;
    mbedtls_chachapoly_init(&context);
    int result = mbedtls_chachapoly_setkey(&context, message->aead->state.key);
    if (result == 0 && message->tag_out != NULL) {
        result =
            mbedtls_chachapoly_encrypt_and_tag(&context, message->in.size, message->nonce, message->aad.data,
                                               message->aad.size, message->in.data, message->out, message->tag_out);
    } else if (result == 0) {
        result = mbedtls_chachapoly_auth_decrypt(&context, message->in.size, message->nonce, message->aad.data,
                                                 message->aad.size, message->tag_in, message->in.data, message->out);
    }
    mbedtls_chachapoly_free(&context);
    return result;
}
#endif

/* Null for an algorithm that this build of mbedTLS does not have. */
static int (*cipher_of(uint8_t algorithm))(const struct message *) {
    switch (algorithm) {
#ifdef HAS_CCM
#ifdef HAS_LONG_AES_KEYS
        case RESEAL_AES_CCM_16_128_256:
#endif
        case RESEAL_AES_CCM_16_128_128:
            return ccm_message;
#endif
#ifdef HAS_GCM
#ifdef HAS_LONG_AES_KEYS
        case RESEAL_A256GCM:
#endif
        case RESEAL_A128GCM:
            return gcm_message;
#endif
#ifdef HAS_CHACHA
        case RESEAL_CHACHA20_POLY1305:
            return chacha_message;
#endif
        default:
            return NULL;
    }
}

static enum reseal_status init(struct reseal_aead *aead, enum reseal_algorithm algorithm, enum reseal_use use,
                               const uint8_t *key) {
    memset(aead, 0, sizeof *aead);
    const size_t key_size = reseal_algorithm_sizes((int)algorithm).key;
    if (key_size == 0 || cipher_of((uint8_t)algorithm) == NULL) {
        return RESEAL_WRONG_ALGORITHM;
    }
    aead->crypto = reseal_crypto_mbedtls();
    aead->algorithm = (uint8_t)algorithm;
    aead->use = (uint8_t)use;
    memcpy(aead->state.key, key, key_size);
    return RESEAL_OK;
}

static bool is_ccm(uint8_t algorithm) {
    return algorithm == RESEAL_AES_CCM_16_128_128 || algorithm == RESEAL_AES_CCM_16_128_256;
}

static bool is_too_long(const struct reseal_aead *aead, struct reseal_bytes aad, size_t plaintext_size) {
    return plaintext_size > reseal_plaintext_max(aead->algorithm) ||
           (is_ccm(aead->algorithm) && aad.size > CCM_AAD_MAX);
}

static enum reseal_status seal(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                               struct reseal_bytes plaintext, uint8_t *out) {
    if (is_too_long(aead, aad, plaintext.size)) {
        return RESEAL_TOO_LONG;
    }
    const struct message message = {
        .aead = aead, .nonce = nonce, .aad = aad, .in = plaintext, .out = out, .tag_out = out + plaintext.size};
    if (aead->use != RESEAL_USE_SEAL || cipher_of(aead->algorithm)(&message) != 0) {
        reseal_wipe(out, plaintext.size + RESEAL_TAG_SIZE);
        return RESEAL_CRYPTO_FAILED;
    }
    return RESEAL_OK;
}

static enum reseal_status open_message(const struct message *message) {
    if (message->aead->use != RESEAL_USE_OPEN || is_too_long(message->aead, message->aad, message->in.size)) {
        return RESEAL_CRYPTO_FAILED;
    }
    switch (cipher_of(message->aead->algorithm)(message)) {
        case 0:
            return RESEAL_OK;
        case MBEDTLS_ERR_CCM_AUTH_FAILED:
        case MBEDTLS_ERR_GCM_AUTH_FAILED:
        case MBEDTLS_ERR_CHACHAPOLY_AUTH_FAILED:
            return RESEAL_BAD_TAG;
        default:
            return RESEAL_CRYPTO_FAILED;
    }
}

static enum reseal_status open_sealed(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                                      struct reseal_bytes sealed, uint8_t *out) {
    const size_t size = sealed.size - RESEAL_TAG_SIZE;
    const struct message message = {
        .aead = aead, .nonce = nonce, .aad = aad, .in = {sealed.data, size}, .out = out, .tag_in = sealed.data + size};
    const enum reseal_status status = open_message(&message);
    if (status != RESEAL_OK) {
        reseal_wipe(out, size);
    }
    return status;
}

static void wipe(struct reseal_aead *aead) {
    reseal_wipe(aead, sizeof *aead);
}

const struct reseal_crypto *reseal_crypto_mbedtls(void) {
    static const struct reseal_crypto adapter = {
        .name = "mbedTLS", .hkdf_sha256 = hkdf_sha256, .init = init, .seal = seal, .open = open_sealed, .wipe = wipe};
    return &adapter;
}
