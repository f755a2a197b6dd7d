/*
 * Intel's multi-buffer library. AES-CCM is one long chain of blocks: a processor seals a single message at the pace of
 * one block after the other, but several messages, each under its own key, side by side. Whatever is not many messages
 * is left to OpenSSL's adapter, and so are those that the library does not take.
 */
#include "ipsec_mb.h"

#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    ROUND_KEYS_SIZE = 15 * 16, /* of AES-256 */
    AAD_MAX = 46,              /* the library's limits for CCM, in bytes */
    PLAINTEXT_MAX = 65534,
    WORTHWHILE = 2 /* messages; a single one is not quicker this way */
};

/* What a CCM key for sealing points to. */
struct keys {
    struct reseal_aead alone; /* OpenSSL's */
    _Alignas(16) uint8_t round_keys[ROUND_KEYS_SIZE];
};

static const struct reseal_crypto adapter;
static CRYPTO_ONCE chosen = CRYPTO_ONCE_STATIC_INIT;
static IMB_MGR *manager;                      /* null where the library cannot be used */
static atomic_flag in_use = ATOMIC_FLAG_INIT; /* one manager for all threads; who finds it taken seals one by one */

/* The library asks the processor alone; the compiler's own check knows whether the system saves the wide registers. */
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

/* The library must have passed its own test, and must leave nothing of keys and texts behind. */
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

static bool is_for_many(const struct reseal_aead *aead) {
    const bool is_ccm = aead->algorithm == RESEAL_AES_CCM_16_128_128 || aead->algorithm == RESEAL_AES_CCM_16_128_256;
    return is_ccm && aead->use == RESEAL_USE_SEAL;
}

static void expand(const struct reseal_aead *aead, const uint8_t *key, uint8_t *round_keys) {
    _Alignas(16) uint8_t for_opening[ROUND_KEYS_SIZE]; /* which the library writes, too */
    if (aead->algorithm == RESEAL_AES_CCM_16_128_128) {
        IMB_AES_KEYEXP_128(manager, key, round_keys, for_opening);
    } else {
        IMB_AES_KEYEXP_256(manager, key, round_keys, for_opening);
    }
    reseal_wipe(for_opening, sizeof for_opening);
}

static enum reseal_status init(struct reseal_aead *aead, enum reseal_algorithm algorithm, enum reseal_use use,
                               const uint8_t *key) {
    const enum reseal_status status = reseal_crypto_openssl()->init(aead, algorithm, use, key);
    if (status != RESEAL_OK || !is_for_many(aead)) {
        aead->crypto = status == RESEAL_OK ? &adapter : NULL;
        return status;
    }
    struct keys *keys = aligned_alloc(_Alignof(struct keys), sizeof *keys);
    if (keys == NULL) {
        reseal_crypto_openssl()->wipe(aead);
        return RESEAL_CRYPTO_FAILED;
    }
    keys->alone = *aead;
    expand(aead, key, keys->round_keys);
    aead->crypto = &adapter;
    aead->state.context = keys;
    return RESEAL_OK;
}

static enum reseal_status seal(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                               struct reseal_bytes plaintext, uint8_t *out) {
    struct keys *keys = aead->state.context;
    return reseal_crypto_openssl()->seal(is_for_many(aead) ? &keys->alone : aead, nonce, aad, plaintext, out);
}

static enum reseal_status open_sealed(struct reseal_aead *aead, const uint8_t *nonce, struct reseal_bytes aad,
                                      struct reseal_bytes sealed, uint8_t *out) {
    return reseal_crypto_openssl()->open(aead, nonce, aad, sealed, out);
}

static void wipe(struct reseal_aead *aead) {
    struct keys *keys = is_for_many(aead) ? aead->state.context : NULL;
    reseal_crypto_openssl()->wipe(keys != NULL ? &keys->alone : aead);
    if (keys != NULL) {
        reseal_wipe(keys, sizeof *keys);
        free(keys);
    }
    reseal_wipe(aead, sizeof *aead);
}

static bool library_takes(const struct reseal_seal_job *job) {
    return is_for_many(job->aead) && job->aad.size <= AAD_MAX && job->plaintext.size <= PLAINTEXT_MAX;
}

static void complete(const IMB_JOB *done) {
    struct reseal_seal_job *job = done->user_data;
    job->status = done->status == IMB_STATUS_COMPLETED ? RESEAL_OK : RESEAL_CRYPTO_FAILED;
    if (job->status != RESEAL_OK) {
        reseal_wipe(job->out, job->plaintext.size + RESEAL_TAG_SIZE);
    }
}

static void fill(IMB_JOB *to, struct reseal_seal_job *job) {
    const struct keys *keys = job->aead->state.context;
    *to = (IMB_JOB){.enc_keys = keys->round_keys,
                    .dec_keys = keys->round_keys,
                    .key_len_in_bytes = reseal_algorithm_sizes(job->aead->algorithm).key,
                    .src = job->plaintext.data,
                    .dst = job->out,
                    .msg_len_to_cipher_in_bytes = job->plaintext.size,
                    .msg_len_to_hash_in_bytes = job->plaintext.size,
                    .iv = job->nonce,
                    .iv_len_in_bytes = reseal_algorithm_sizes(job->aead->algorithm).nonce,
                    .auth_tag_output = job->out + job->plaintext.size,
                    .auth_tag_output_len_in_bytes = RESEAL_TAG_SIZE,
                    .u.CCM = {.aad = job->aad.data, .aad_len_in_bytes = job->aad.size},
                    .cipher_mode = IMB_CIPHER_CCM,
                    .cipher_direction = IMB_DIR_ENCRYPT,
                    .hash_alg = IMB_AUTH_AES_CCM,
                    .chain_order = IMB_ORDER_HASH_CIPHER,
                    .user_data = job};
}

static void submit(struct reseal_seal_job *job) {
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
        if (together && library_takes(job)) {
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

static const struct reseal_crypto adapter = {.name = "OpenSSL and IPsec-MB",
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
