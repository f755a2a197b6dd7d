/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PSA Crypto: mbedTLS 4 (TF-PSA-Crypto), mbedTLS 3 with MBEDTLS_PSA_CRYPTO_C, and whoever else implements psa/crypto.h.
 * A prepared key is a volatile key of PSA's; reseal_aead keeps its id. Algorithms that the configuration leaves out are
 * left out here, too: `init` answers RESEAL_WRONG_ALGORITHM for them.
 */
#include <psa/crypto.h> /* and with it the configuration */

#ifndef PSA_WANT_ALG_HKDF
#error "Reseal derives its keys with HKDF: define PSA_WANT_ALG_HKDF in the configuration of PSA Crypto"
#endif
#ifndef PSA_WANT_ALG_SHA_256
#error "Reseal derives its keys with SHA-256: define PSA_WANT_ALG_SHA_256 in the configuration of PSA Crypto"
#endif

#ifdef PSA_WANT_KEY_TYPE_AES
#ifdef PSA_WANT_ALG_CCM
#define HAS_CCM
#endif
#ifdef PSA_WANT_ALG_GCM
#define HAS_GCM
#endif
#endif
#ifndef MBEDTLS_AES_ONLY_128_BIT_KEY_LENGTH
#define HAS_LONG_AES_KEYS
#endif
#if defined(PSA_WANT_KEY_TYPE_CHACHA20) && defined(PSA_WANT_ALG_CHACHA20_POLY1305)
#define HAS_CHACHA
#endif
#if !defined(HAS_CCM) && !defined(HAS_GCM) && !defined(HAS_CHACHA)
#error "no cipher is left: define PSA_WANT_KEY_TYPE_AES and PSA_WANT_ALG_CCM in the configuration of PSA Crypto"
#endif

#include <reseal/crypto.h>
#include <string.h>

enum { CCM_AAD_MAX = 0xFF00 - 1 /* mbedTLS supports only the two-byte form of the length */ };

static psa_status_t derive(psa_key_derivation_operation_t *operation, const struct reseal_bytes *salt,
                           const struct reseal_bytes *secret, const struct reseal_bytes *info) {
    psa_status_t status = psa_key_derivation_setup(operation, PSA_ALG_HKDF(PSA_ALG_SHA_256));
    if (status == PSA_SUCCESS) {
        status = psa_key_derivation_input_bytes(operation, PSA_KEY_DERIVATION_INPUT_SALT, salt->data, salt->size);
    }
    if (status == PSA_SUCCESS) {
        status = psa_key_derivation_input_bytes(operation, PSA_KEY_DERIVATION_INPUT_SECRET, secret->data, secret->size);
    }
    if (status == PSA_SUCCESS) {
        status = psa_key_derivation_input_bytes(operation, PSA_KEY_DERIVATION_INPUT_INFO, info->data, info->size);
    }
    return status;
}

/* psa_crypto_init does nothing after the first call. */
static enum reseal_status hkdf_sha256(struct reseal_bytes salt, struct reseal_bytes secret, struct reseal_bytes info,
                                      uint8_t *out, size_t out_size) {
    psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
    psa_status_t status = psa_crypto_init();
    if (status == PSA_SUCCESS) {
        status = derive(&operation, &salt, &secret, &info);
    }
    if (status == PSA_SUCCESS) {
        status = psa_key_derivation_output_bytes(&operation, out, out_size);
    }
    const psa_status_t aborted = psa_key_derivation_abort(&operation);
    if (status != PSA_SUCCESS || aborted != PSA_SUCCESS) {
        reseal_wipe(out, out_size);
        return RESEAL_CRYPTO_FAILED;
    }
    return RESEAL_OK;
}

/* 0 for an algorithm that this PSA Crypto does not have. */
static psa_algorithm_t psa_algorithm(uint8_t algorithm) {
    switch (algorithm) {
#ifdef HAS_CCM
#ifdef HAS_LONG_AES_KEYS
        case RESEAL_AES_CCM_16_128_256:
#endif
        case RESEAL_AES_CCM_16_128_128:
            return PSA_ALG_CCM;
#endif
#ifdef HAS_GCM
#ifdef HAS_LONG_AES_KEYS
        case RESEAL_A256GCM:
#endif
        case RESEAL_A128GCM:
            return PSA_ALG_GCM;
#endif
#ifdef HAS_CHACHA
        case RESEAL_CHACHA20_POLY1305:
            return PSA_ALG_CHACHA20_POLY1305;
#endif
        default:
            return 0;
    }
}

static psa_status_t import(uint8_t algorithm, enum reseal_use use, const uint8_t *key, mbedtls_svc_key_id_t *out) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    const bool is_chacha = algorithm == RESEAL_CHACHA20_POLY1305;
    psa_set_key_type(&attributes, is_chacha ? PSA_KEY_TYPE_CHACHA20 : PSA_KEY_TYPE_AES);
    psa_set_key_algorithm(&attributes, psa_algorithm(algorithm));
    psa_set_key_usage_flags(&attributes, use == RESEAL_USE_SEAL ? PSA_KEY_USAGE_ENCRYPT : PSA_KEY_USAGE_DECRYPT);
    const psa_status_t status = psa_crypto_init();
    return status == PSA_SUCCESS ? psa_import_key(&attributes, key, reseal_algorithm_sizes(algorithm).key, out)
                                 : status;
}

static enum reseal_status init(struct reseal_aead *aead, enum reseal_algorithm algorithm, enum reseal_use use,
                               const uint8_t *key) {
    memset(aead, 0, sizeof *aead);
    if (reseal_algorithm_sizes((int)algorithm).key == 0 || psa_algorithm((uint8_t)algorithm) == 0) {
        return RESEAL_WRONG_ALGORITHM;
    }
    mbedtls_svc_key_id_t id;
    _Static_assert(sizeof id <= sizeof aead->state, "a key's id fits the state");
    if (import((uint8_t)algorithm, use, key, &id) != PSA_SUCCESS) {
        return RESEAL_CRYPTO_FAILED;
    }
    aead->crypto = reseal_crypto_psa();
    aead->algorithm = (uint8_t)algorithm;
    aead->use = (uint8_t)use;
    memcpy(&aead->state, &id, sizeof id);
    return RESEAL_OK;
}

static mbedtls_svc_key_id_t key_of(const struct reseal_aead *aead) {
    mbedtls_svc_key_id_t id;
    memcpy(&id, &aead->state, sizeof id);
    return id;
}

static bool is_too_long(const struct reseal_aead *aead, struct reseal_bytes aad, size_t plaintext_size) {
    return plaintext_size > reseal_plaintext_max(aead->algorithm) ||
           (psa_algorithm(aead->algorithm) == PSA_ALG_CCM && aad.size > CCM_AAD_MAX);
}

static enum reseal_status seal(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                               struct reseal_bytes plaintext, uint8_t *out) {
    if (is_too_long(aead, aad, plaintext.size)) {
        return RESEAL_TOO_LONG;
    }
    const size_t size = plaintext.size + RESEAL_TAG_SIZE;
    size_t written = 0;
    const psa_status_t status = psa_aead_encrypt(key_of(aead), psa_algorithm(aead->algorithm), nonce,
                                                 reseal_algorithm_sizes(aead->algorithm).nonce, aad.data, aad.size,
                                                 plaintext.data, plaintext.size, out, size, &written);
    if (status != PSA_SUCCESS || written != size) {
        reseal_wipe(out, size);
        return RESEAL_CRYPTO_FAILED;
    }
    return RESEAL_OK;
}

static enum reseal_status open_sealed(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                                      struct reseal_bytes sealed, uint8_t *out) {
    const size_t size = sealed.size - RESEAL_TAG_SIZE;
    size_t written = 0;
    psa_status_t status = PSA_ERROR_INVALID_ARGUMENT;
    if (!is_too_long(aead, aad, size)) {
        status = psa_aead_decrypt(key_of(aead), psa_algorithm(aead->algorithm), nonce,
                                  reseal_algorithm_sizes(aead->algorithm).nonce, aad.data, aad.size, sealed.data,
                                  sealed.size, out, size, &written);
    }
    if (status == PSA_SUCCESS && written == size) {
        return RESEAL_OK;
    }
    reseal_wipe(out, size);
    return status == PSA_ERROR_INVALID_SIGNATURE ? RESEAL_BAD_TAG : RESEAL_CRYPTO_FAILED;
}

static void wipe(struct reseal_aead *aead) {
    if (aead->crypto != NULL) {
        (void)psa_destroy_key(key_of(aead));
    }
    reseal_wipe(aead, sizeof *aead);
}

const struct reseal_crypto *reseal_crypto_psa(void) {
    static const struct reseal_crypto adapter = {
        .name = "PSA", .hkdf_sha256 = hkdf_sha256, .init = init, .seal = seal, .open = open_sealed, .wipe = wipe};
    return &adapter;
}
