/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port to a cryptographic library. Every use of a secret in the protocol goes through this header. The SDK comes
 * with adapters for OpenSSL 3, mbedTLS 2.28 and 3, and PSA Crypto, which mbedTLS 4 has.
 */
#ifndef RESEAL_CRYPTO_H
#define RESEAL_CRYPTO_H

#include <reseal/bytes.h>
#include <reseal/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* COSE algorithm numbers (RFC 9053 section 4). Tags are always 16 bytes. */
enum reseal_algorithm {
    RESEAL_A128GCM = 1,
    RESEAL_A256GCM = 3,
    RESEAL_CHACHA20_POLY1305 = 24,
    RESEAL_AES_CCM_16_128_128 = 30, /* the default */
    RESEAL_AES_CCM_16_128_256 = 31
};

enum { RESEAL_TAG_SIZE = 16, RESEAL_KEY_SIZE_MAX = 32, RESEAL_NONCE_SIZE_MAX = 13 };

/* Sizes in bytes; all zero for a number that is not an algorithm of the protocol. */
struct reseal_sizes {
    uint8_t key;
    uint8_t nonce;
};

/* The sizes of an algorithm's key and nonce. */
struct reseal_sizes reseal_algorithm_sizes(int algorithm);

/* The longest plaintext in bytes; 0 for a number that is not an algorithm of the protocol. */
size_t reseal_plaintext_max(int algorithm);

/* The name in the IANA registry of COSE algorithms, or null. */
const char *reseal_algorithm_name(int algorithm);

/* What a prepared key does: one of these, not both. */
enum reseal_use { RESEAL_USE_SEAL = 1, RESEAL_USE_OPEN = 2 };

struct reseal_crypto;

/*
 * A key prepared for one use. The caller allocates it and may move it by copying its bytes once. The adapter owns what
 * is inside. Zeroed memory is "none". One thread at a time.
 */
struct reseal_aead {
    const struct reseal_crypto *crypto;
    uint8_t algorithm; /* enum reseal_algorithm */
    uint8_t use;       /* enum reseal_use */
    union {
        void *context;                    /* an adapter that uses the heap keeps its key schedule here */
        uint8_t key[RESEAL_KEY_SIZE_MAX]; /* one that does not keeps the key */
    } state;
};

/* One of many messages to seal together: the arguments of `seal` and what it would have returned. */
struct reseal_seal_job {
    struct reseal_aead *aead;
    const uint8_t *nonce;
    struct reseal_bytes aad;
    struct reseal_bytes plaintext;
    uint8_t *out;
    enum reseal_status status;
};

/* A library behind the protocol. Each adapter is one constant of it. */
struct reseal_crypto {
    const char *name;

    /*
     * HKDF-SHA-256 (RFC 5869), extract and expand; `out_size` 1 to 32 bytes.
     * Returns RESEAL_OK or RESEAL_CRYPTO_FAILED (then `out` is wiped).
     */
    enum reseal_status (*hkdf_sha256)(struct reseal_bytes salt, struct reseal_bytes secret, struct reseal_bytes info,
                                      uint8_t *out, size_t out_size);

    /*
     * Prepares `key` (which has the algorithm's key size) for one use. Call `wipe` before another `init` on the same
     * memory. Returns RESEAL_OK, RESEAL_WRONG_ALGORITHM or RESEAL_CRYPTO_FAILED (then nothing needs wiping).
     */
    enum reseal_status (*init)(struct reseal_aead *aead, enum reseal_algorithm algorithm, enum reseal_use use,
                               const uint8_t *key);

    /*
     * Writes plaintext.size + 16 bytes, ciphertext then tag, to `out`. `out` may be plaintext.data itself; otherwise it
     * must not overlap the inputs. `nonce` has the algorithm's nonce size. Returns RESEAL_OK, RESEAL_TOO_LONG (the
     * plaintext or `aad` is longer than the library takes; nothing was written) or RESEAL_CRYPTO_FAILED (then `out` is
     * wiped).
     */
    enum reseal_status (*seal)(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                               struct reseal_bytes plaintext, uint8_t *out);

    /*
     * `sealed` is ciphertext then tag, at least 16 bytes. Writes sealed.size - 16 bytes to `out`, which must not
     * overlap the inputs. Returns RESEAL_OK, RESEAL_BAD_TAG or RESEAL_CRYPTO_FAILED; unless RESEAL_OK, `out` holds
     * zeros.
     */
    enum reseal_status (*open)(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                               struct reseal_bytes sealed, uint8_t *out);

    /* Wipes the key, frees what `init` allocated and leaves the memory zeroed. Zeroed memory is allowed. */
    void (*wipe)(struct reseal_aead *aead);

    /*
     * Null where the library gains nothing from it. Seals each job as `seal` would, byte for byte, and sets its status.
     * A job that fails has its `out` wiped and does not affect the others. All keys must come from this adapter.
     * Several jobs may share a key, a plaintext or an aad. No `out` may overlap anything of another job.
     */
    void (*seal_many)(struct reseal_seal_job *const *jobs, size_t count);
};

/* The adapter for OpenSSL 3. It keeps key schedules on the heap. */
const struct reseal_crypto *reseal_crypto_openssl(void);

/* The adapter for mbedTLS, for devices. It takes heap for the time of a call only. */
const struct reseal_crypto *reseal_crypto_mbedtls(void);

/*
 * The adapter for PSA Crypto (psa/crypto.h), for devices: mbedTLS 4 has no other interface. It calls psa_crypto_init. A
 * prepared key takes one of PSA's volatile keys, of which mbedTLS has 32 unless told otherwise; a device that seals and
 * opens has two, for a moment three. For one thread at a time, unless the library was built for several.
 */
const struct reseal_crypto *reseal_crypto_psa(void);

/*
 * The adapter for servers: OpenSSL's. It seals many messages with Intel's multi-buffer library if that was built in and
 * the processor supports it; the bytes are the same. Its name says which one it chose.
 */
const struct reseal_crypto *reseal_crypto_host(void);

#ifdef __cplusplus
}
#endif
#endif
