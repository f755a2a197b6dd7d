/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Intel's multi-buffer library. AES-CCM is one long chain of blocks: a processor seals a single message one block after
 * the other, but several messages, each under its own key, side by side. AES-GCM has no such chain, so the library
 * seals even a single message faster. OpenSSL's adapter does everything else, including CCM messages that come alone or
 * that the library does not accept.
 */
#include "ipsec_mb.h"

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUND_KEYS_SIZE = 15 * 16, /* of AES-256 */
    AAD_MAX = 46,              /* the library's limits for CCM, in bytes */
    PLAINTEXT_MAX = 65534,
    WORTHWHILE = 2, /* messages; a single one is not faster this way */
};

/* What sealing keys point to. All other keys are OpenSSL's. */
struct ccm_keys {
    _Alignas(16) uint8_t round_keys[ROUND_KEYS_SIZE];
    struct reseal_aead alone; /* OpenSSL's */
};
enum kind { OF_OPENSSL, CCM_KEYS, GCM_KEYS };

static const struct reseal_crypto adapter;
static CRYPTO_ONCE chosen = CRYPTO_ONCE_STATIC_INIT;
static IMB_MGR *manager;                      /* null if the library cannot be used */
static atomic_flag in_use = ATOMIC_FLAG_INIT; /* one manager for all threads; while it is taken, others seal singly */

/* The library checks only the processor. The compiler's check also knows if the system saves the wide registers. */
static bool has(enum reseal_ipsec_mb_level level) {
    __builtin_cpu_init();
    switch (level) {
        case RESEAL_IPSEC_MB_AVX512:
            return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
        case RESEAL_IPSEC_MB_AVX:
            return __builtin_cpu_supports("avx2");
        default:
            return __builtin_cpu_supports("sse4.2");
    }
}

static void prepare(IMB_MGR *fresh, enum reseal_ipsec_mb_level level) {
    switch (level) {
        case RESEAL_IPSEC_MB_AVX512:
            init_mb_mgr_avx512(fresh);
            break;
        case RESEAL_IPSEC_MB_AVX:
            init_mb_mgr_avx2(fresh);
            break;
        default:
            init_mb_mgr_sse(fresh);
    }
}

/* The library must have passed its self-test and must leave no keys or texts behind. */
static bool is_sound(IMB_MGR *fresh) {
    const uint64_t wanted = IMB_FEATURE_AESNI | IMB_FEATURE_SELF_TEST_PASS | IMB_FEATURE_SAFE_DATA;
    return imb_get_errno(fresh) == 0 && (fresh->features & wanted) == wanted;
}

/* Also when the broker unloads the plugin. */
__attribute__((destructor)) static void release(void) {
    if (manager != NULL) {
        free_mb_mgr(manager);
        manager = NULL;
    }
}

bool reseal_ipsec_mb_set_level(enum reseal_ipsec_mb_level level) {
    IMB_MGR *fresh = has(level) ? alloc_mb_mgr(0) : NULL;
    if (fresh == NULL) {
        return false;
    }
    prepare(fresh, level);
    if (!is_sound(fresh)) {
        free_mb_mgr(fresh);
        return false;
    }
    release();
    manager = fresh;
    return true;
}

static void choose(void) {
    for (int level = RESEAL_IPSEC_MB_AVX512; level >= RESEAL_IPSEC_MB_SSE; level--) {
        if (reseal_ipsec_mb_set_level((enum reseal_ipsec_mb_level)level)) {
            return;
        }
    }
}

static enum reseal_status hkdf_sha256(struct reseal_bytes salt, struct reseal_bytes secret, struct reseal_bytes info,
                                      uint8_t *out, size_t out_size) {
    return reseal_crypto_openssl()->hkdf_sha256(salt, secret, info, out, out_size);
}

static enum kind kind_of(int algorithm, int use) {
    if (use != RESEAL_USE_SEAL) {
        return OF_OPENSSL;
    }
    switch (algorithm) {
        case RESEAL_AES_CCM_16_128_128:
        case RESEAL_AES_CCM_16_128_256:
            return CCM_KEYS;
        case RESEAL_A128GCM:
        case RESEAL_A256GCM:
            return GCM_KEYS;
        default:
            return OF_OPENSSL;
    }
}

static void expand_ccm(enum reseal_algorithm algorithm, const uint8_t *key, struct ccm_keys *keys) {
    _Alignas(16) uint8_t for_opening[ROUND_KEYS_SIZE]; /* the library writes this too */
    if (algorithm == RESEAL_AES_CCM_16_128_128) {
        IMB_AES_KEYEXP_128(manager, key, keys->round_keys, for_opening);
    } else {
        IMB_AES_KEYEXP_256(manager, key, keys->round_keys, for_opening);
    }
    reseal_wipe(for_opening, sizeof for_opening);
}

static struct ccm_keys *new_ccm_keys(enum reseal_algorithm algorithm, const uint8_t *key) {
    struct ccm_keys *keys = aligned_alloc(_Alignof(struct ccm_keys), sizeof *keys);
    if (keys != NULL && reseal_crypto_openssl()->init(&keys->alone, algorithm, RESEAL_USE_SEAL, key) != RESEAL_OK) {
        free(keys);
        return NULL;
    }
    if (keys != NULL) {
        expand_ccm(algorithm, key, keys);
    }
    return keys;
}

static struct gcm_key_data *new_gcm_keys(enum reseal_algorithm algorithm, const uint8_t *key) {
    struct gcm_key_data *keys = aligned_alloc(_Alignof(struct gcm_key_data), sizeof *keys);
    if (keys != NULL && algorithm == RESEAL_A128GCM) {
        IMB_AES128_GCM_PRE(manager, key, keys);
    } else if (keys != NULL) {
        IMB_AES256_GCM_PRE(manager, key, keys);
    }
    return keys;
}

static enum reseal_status init(struct reseal_aead *aead, enum reseal_algorithm algorithm, enum reseal_use use,
                               const uint8_t *key) {
    const enum kind kind = kind_of((int)algorithm, (int)use);
    if (kind == OF_OPENSSL) {
        const enum reseal_status status = reseal_crypto_openssl()->init(aead, algorithm, use, key);
        aead->crypto = status == RESEAL_OK ? &adapter : NULL;
        return status;
    }
    memset(aead, 0, sizeof *aead);
    void *keys = kind == CCM_KEYS ? (void *)new_ccm_keys(algorithm, key) : new_gcm_keys(algorithm, key);
    if (keys == NULL) {
        return RESEAL_CRYPTO_FAILED;
    }
    aead->crypto = &adapter;
    aead->algorithm = (uint8_t)algorithm;
    aead->use = (uint8_t)use;
    aead->state.context = keys;
    return RESEAL_OK;
}

static enum reseal_status seal_gcm(const struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                                   struct reseal_bytes plaintext, uint8_t *out) {
    if (plaintext.size > reseal_plaintext_max(aead->algorithm)) {
        return RESEAL_TOO_LONG;
    }
    const struct gcm_key_data *keys = aead->state.context;
    struct gcm_context_data context;
    if (aead->algorithm == RESEAL_A128GCM) {
        IMB_AES128_GCM_ENC(manager, keys, &context, out, plaintext.data, plaintext.size, nonce, aad.data, aad.size,
                           out + plaintext.size, RESEAL_TAG_SIZE);
    } else {
        IMB_AES256_GCM_ENC(manager, keys, &context, out, plaintext.data, plaintext.size, nonce, aad.data, aad.size,
                           out + plaintext.size, RESEAL_TAG_SIZE);
    }
    reseal_wipe(&context, sizeof context);
    return RESEAL_OK;
}

static enum reseal_status seal(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                               struct reseal_bytes plaintext, uint8_t *out) {
    switch (kind_of(aead->algorithm, aead->use)) {
        case CCM_KEYS:
            aead = &((struct ccm_keys *)aead->state.context)->alone;
            break;
        case GCM_KEYS:
            return seal_gcm(aead, nonce, aad, plaintext, out);
        default:
            break;
    }
    return reseal_crypto_openssl()->seal(aead, nonce, aad, plaintext, out);
}

static enum reseal_status open_sealed(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                                      struct reseal_bytes sealed, uint8_t *out) {
    return reseal_crypto_openssl()->open(aead, nonce, aad, sealed, out);
}

static void wipe_keys(void *keys, size_t size) {
    if (keys != NULL) {
        reseal_wipe(keys, size);
        free(keys);
    }
}

static void wipe(struct reseal_aead *aead) {
    struct ccm_keys *of_ccm = aead->state.context;
    switch (kind_of(aead->algorithm, aead->use)) {
        case CCM_KEYS:
            reseal_crypto_openssl()->wipe(&of_ccm->alone);
            wipe_keys(of_ccm, sizeof *of_ccm);
            break;
        case GCM_KEYS:
            wipe_keys(aead->state.context, sizeof(struct gcm_key_data));
            break;
        default:
            reseal_crypto_openssl()->wipe(aead);
    }
    reseal_wipe(aead, sizeof *aead);
}

static bool takes_with_others(const struct reseal_seal_job *job) {
    return kind_of(job->aead->algorithm, job->aead->use) == CCM_KEYS && job->aad.size <= AAD_MAX &&
           job->plaintext.size <= PLAINTEXT_MAX;
}

static void complete(const IMB_JOB *done) {
    struct reseal_seal_job *job = done->user_data;
    job->status = done->status == IMB_STATUS_COMPLETED ? RESEAL_OK : RESEAL_CRYPTO_FAILED;
    if (job->status != RESEAL_OK) {
        reseal_wipe(job->out, job->plaintext.size + RESEAL_TAG_SIZE);
    }
}

static void fill(IMB_JOB *to, struct reseal_seal_job *job) {
    const struct ccm_keys *keys = job->aead->state.context;
    const struct reseal_sizes sizes = reseal_algorithm_sizes(job->aead->algorithm);
    to->cipher_mode = IMB_CIPHER_CCM;
    to->hash_alg = IMB_AUTH_AES_CCM;
    to->cipher_direction = IMB_DIR_ENCRYPT;
    to->chain_order = IMB_ORDER_HASH_CIPHER;
    to->enc_keys = keys->round_keys;
    to->dec_keys = keys->round_keys; /* not used, but may not be null */
    to->key_len_in_bytes = sizes.key;
    to->iv = job->nonce;
    to->iv_len_in_bytes = sizes.nonce;
    to->u.CCM.aad = job->aad.data;
    to->u.CCM.aad_len_in_bytes = job->aad.size;
    to->src = job->plaintext.data;
    to->dst = job->out;
    to->cipher_start_src_offset_in_bytes = 0;
    to->hash_start_src_offset_in_bytes = 0;
    to->msg_len_to_cipher_in_bytes = job->plaintext.size;
    to->msg_len_to_hash_in_bytes = job->plaintext.size;
    to->auth_tag_output = job->out + job->plaintext.size;
    to->auth_tag_output_len_in_bytes = RESEAL_TAG_SIZE;
    to->user_data = job;
}

static void submit(struct reseal_seal_job *job) {
    job->status = RESEAL_CRYPTO_FAILED; /* until the library has completed it */
    fill(IMB_GET_NEXT_JOB(manager), job);
    for (const IMB_JOB *done = IMB_SUBMIT_JOB(manager); done != NULL; done = IMB_GET_COMPLETED_JOB(manager)) {
        complete(done);
    }
}

static void flush(void) {
    for (const IMB_JOB *done = IMB_FLUSH_JOB(manager); done != NULL; done = IMB_FLUSH_JOB(manager)) {
        complete(done);
    }
}

static void seal_many(struct reseal_seal_job *const *jobs, size_t count) {
    const bool together = count >= WORTHWHILE && !atomic_flag_test_and_set(&in_use);
    for (size_t i = 0; i < count; i++) {
        struct reseal_seal_job *job = jobs[i];
        if (together && takes_with_others(job)) {
            submit(job);
        } else {
            job->status = seal(job->aead, job->nonce, job->aad, job->plaintext, job->out);
        }
    }
    if (together) {
        flush();
        atomic_flag_clear(&in_use);
    }
}

static const struct reseal_crypto adapter = {.name = "IPsecMB",
                                             .hkdf_sha256 = hkdf_sha256,
                                             .init = init,
                                             .seal = seal,
                                             .open = open_sealed,
                                             .wipe = wipe,
                                             .seal_many = seal_many};

const struct reseal_crypto *reseal_crypto_host(void) {
    const bool decided = CRYPTO_THREAD_run_once(&chosen, choose) == 1;
    return decided && manager != NULL ? &adapter : reseal_crypto_openssl();
}
