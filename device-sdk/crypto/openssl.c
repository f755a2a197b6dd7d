/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL 3. Ciphers and KDF are fetched once for the process; a key's schedule stays in its context, and a message
 * only sets a new nonce. A process may use OpenSSL for TLS in the same thread, so we leave no errors in its queue.
 */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <reseal/crypto.h>
#include <string.h>

enum { ALGORITHM_NUMBERS = RESEAL_AES_CCM_16_128_256 + 1 };

static CRYPTO_ONCE fetched = CRYPTO_ONCE_STATIC_INIT;
static EVP_CIPHER *ciphers[ALGORITHM_NUMBERS]; /* null where OpenSSL has none */
static EVP_KDF *hkdf;

static void fetch_all(void) {
    ciphers[RESEAL_A128GCM] = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    ciphers[RESEAL_A256GCM] = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    ciphers[RESEAL_CHACHA20_POLY1305] = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
    ciphers[RESEAL_AES_CCM_16_128_128] = EVP_CIPHER_fetch(NULL, "AES-128-CCM", NULL);
    ciphers[RESEAL_AES_CCM_16_128_256] = EVP_CIPHER_fetch(NULL, "AES-256-CCM", NULL);
    hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
}

static bool fetch_once(void) {
    ERR_set_mark();
    const bool done = CRYPTO_THREAD_run_once(&fetched, fetch_all) == 1;
    ERR_pop_to_mark();
    return done;
}

/* OSSL_PARAM has no const, but a set parameter is only read. Written out because a call per message would cost time. */
static OSSL_PARAM octets(const char *name, struct reseal_bytes bytes) {
    return (OSSL_PARAM){name, OSSL_PARAM_OCTET_STRING, (void *)bytes.data, bytes.size, OSSL_PARAM_UNMODIFIED};
}

static bool derive(struct reseal_bytes salt, struct reseal_bytes secret, struct reseal_bytes info, uint8_t *out,
                   size_t out_size) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                     octets(OSSL_KDF_PARAM_SALT, salt), octets(OSSL_KDF_PARAM_KEY, secret),
                                     octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_END};
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(hkdf);
    const bool derived = context != NULL && EVP_KDF_derive(context, out, out_size, parameters) == 1;
    EVP_KDF_CTX_free(context);
    return derived;
}

static enum reseal_status hkdf_sha256(struct reseal_bytes salt, struct reseal_bytes secret, struct reseal_bytes info,
                                      uint8_t *out, size_t out_size) {
    ERR_set_mark();
    const bool derived = fetch_once() && hkdf != NULL && derive(salt, secret, info, out, out_size);
    ERR_pop_to_mark();
    if (!derived) {
        reseal_wipe(out, out_size);
        return RESEAL_CRYPTO_FAILED;
    }
    return RESEAL_OK;
}

static bool is_ccm(uint8_t algorithm) {
    return algorithm == RESEAL_AES_CCM_16_128_128 || algorithm == RESEAL_AES_CCM_16_128_256;
}

static bool set_key(EVP_CIPHER_CTX *context, enum reseal_algorithm algorithm, bool sealing, const uint8_t *key) {
    if (EVP_CipherInit_ex2(context, ciphers[algorithm], NULL, NULL, sealing ? 1 : 0, NULL) != 1) {
        return false;
    }
    const int nonce_size = (int)reseal_algorithm_sizes((int)algorithm).nonce;
    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, nonce_size, NULL) != 1) {
        return false;
    }
    /* CCM authenticates the tag's size, so it must be known before the first message. */
    if (is_ccm((uint8_t)algorithm) && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, RESEAL_TAG_SIZE, NULL) != 1) {
        return false;
    }
    return EVP_CipherInit_ex2(context, NULL, key, NULL, -1, NULL) == 1;
}

static enum reseal_status init(struct reseal_aead *aead, enum reseal_algorithm algorithm, enum reseal_use use,
                               const uint8_t *key) {
    memset(aead, 0, sizeof *aead);
    if (reseal_algorithm_sizes((int)algorithm).key == 0) {
        return RESEAL_WRONG_ALGORITHM;
    }
    ERR_set_mark();
    EVP_CIPHER_CTX *context = fetch_once() && ciphers[algorithm] != NULL ? EVP_CIPHER_CTX_new() : NULL;
    const bool ready = context != NULL && set_key(context, algorithm, use == RESEAL_USE_SEAL, key);
    ERR_pop_to_mark();
    if (!ready) {
        EVP_CIPHER_CTX_free(context);
        return RESEAL_CRYPTO_FAILED;
    }
    aead->crypto = reseal_crypto_openssl();
    aead->algorithm = (uint8_t)algorithm;
    aead->use = (uint8_t)use;
    aead->state.context = context;
    return RESEAL_OK;
}

/*
 * Sets a mark in the thread's error queue, and returns to it. An empty queue cannot be marked; it is emptied again
 * instead. A message that succeeded leaves no error, so it needs to return only if the mark was set.
 */
static bool mark_errors(void) {
    return ERR_set_mark() == 1;
}

static void unmark_errors(bool marked, bool failed) {
    if (failed || marked) {
        ERR_pop_to_mark();
    }
}

static OSSL_PARAM tag_parameter(const uint8_t *tag) {
    return octets(OSSL_CIPHER_PARAM_AEAD_TAG, (struct reseal_bytes){tag, RESEAL_TAG_SIZE});
}

static bool expect_tag(EVP_CIPHER_CTX *context, const uint8_t *tag) {
    const OSSL_PARAM parameters[] = {tag_parameter(tag), OSSL_PARAM_END};
    return EVP_CIPHER_CTX_set_params(context, parameters) == 1;
}

static bool write_tag(EVP_CIPHER_CTX *context, uint8_t *tag) {
    OSSL_PARAM parameters[] = {tag_parameter(tag), OSSL_PARAM_END};
    return EVP_CIPHER_CTX_get_params(context, parameters) == 1;
}

/* New nonce, expected tag (null when sealing), additional data. CCM needs the message's size first. */
static bool begin(const struct reseal_aead *aead, const uint8_t *nonce, const uint8_t *tag, struct reseal_bytes aad,
                  size_t size) {
    EVP_CIPHER_CTX *context = aead->state.context;
    int unused = 0;
    if (EVP_CipherInit_ex2(context, NULL, NULL, nonce, -1, NULL) != 1 || (tag != NULL && !expect_tag(context, tag))) {
        return false;
    }
    if (is_ccm(aead->algorithm) && EVP_CipherUpdate(context, NULL, &unused, NULL, (int)size) != 1) {
        return false;
    }
    return aad.size == 0 || EVP_CipherUpdate(context, NULL, &unused, aad.data, (int)aad.size) == 1;
}

/* The message itself. OpenSSL takes null to mean "no message follows", so an empty message needs an address. */
static bool run(EVP_CIPHER_CTX *context, struct reseal_bytes in, uint8_t *out) {
    uint8_t nothing = 0;
    int written = 0;
    return EVP_CipherUpdate(context, in.size > 0 ? out : &nothing, &written, in.size > 0 ? in.data : &nothing,
                            (int)in.size) == 1 &&
           (size_t)written == in.size;
}

static bool finish(EVP_CIPHER_CTX *context) {
    uint8_t unused[RESEAL_TAG_SIZE];
    int written = 0;
    return EVP_CipherFinal_ex(context, unused, &written) == 1;
}

static bool seal_message(const struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                         struct reseal_bytes plaintext, uint8_t *out) {
    EVP_CIPHER_CTX *context = aead->state.context;
    return begin(aead, nonce, NULL, aad, plaintext.size) && run(context, plaintext, out) && finish(context) &&
           write_tag(context, out + plaintext.size);
}

static enum reseal_status seal(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                               struct reseal_bytes plaintext, uint8_t *out) {
    if (plaintext.size > reseal_plaintext_max(aead->algorithm) || aad.size > INT32_MAX) {
        return RESEAL_TOO_LONG;
    }
    const bool marked = mark_errors();
    const bool sealed = aead->use == RESEAL_USE_SEAL && seal_message(aead, nonce, aad, plaintext, out);
    unmark_errors(marked, !sealed);
    if (!sealed) {
        reseal_wipe(out, plaintext.size + RESEAL_TAG_SIZE);
        return RESEAL_CRYPTO_FAILED;
    }
    return RESEAL_OK;
}

static enum reseal_status open_message(const struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                                       struct reseal_bytes sealed, uint8_t *out) {
    EVP_CIPHER_CTX *context = aead->state.context;
    const struct reseal_bytes ciphertext = {sealed.data, sealed.size - RESEAL_TAG_SIZE};
    const uint8_t *tag = sealed.data + ciphertext.size;
    if (ciphertext.size > reseal_plaintext_max(aead->algorithm) || aad.size > INT32_MAX ||
        aead->use != RESEAL_USE_OPEN || !begin(aead, nonce, tag, aad, ciphertext.size)) {
        return RESEAL_CRYPTO_FAILED;
    }
    return run(context, ciphertext, out) && finish(context) ? RESEAL_OK : RESEAL_BAD_TAG;
}

static enum reseal_status open_sealed(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                                      struct reseal_bytes sealed, uint8_t *out) {
    const bool marked = mark_errors();
    const enum reseal_status status = open_message(aead, nonce, aad, sealed, out);
    unmark_errors(marked, status != RESEAL_OK);
    if (status != RESEAL_OK) {
        reseal_wipe(out, sealed.size - RESEAL_TAG_SIZE);
    }
    return status;
}

static void wipe(struct reseal_aead *aead) {
    EVP_CIPHER_CTX_free(aead->state.context); /* clears the key schedule; null is allowed */
    reseal_wipe(aead, sizeof *aead);
}

const struct reseal_crypto *reseal_crypto_openssl(void) {
    static const struct reseal_crypto adapter = {
        .name = "OpenSSL", .hkdf_sha256 = hkdf_sha256, .init = init, .seal = seal, .open = open_sealed, .wipe = wipe};
    return &adapter;
}
