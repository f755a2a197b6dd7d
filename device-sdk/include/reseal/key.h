/* SPDX-License-Identifier: Apache-2.0 */
/* Who shares what: credentials, and the keys of one epoch (protocol.md, "Derivation"; RFC 8613 section 3.2.1). */
#ifndef RESEAL_KEY_H
#define RESEAL_KEY_H

#include <reseal/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_PRINCIPAL_MAX = 64,
    RESEAL_REALM_MAX = 64,
    RESEAL_KEY_ID_SIZE = 7,
    RESEAL_KID_SIZE = 8, /* key id, then direction */
    RESEAL_MASTER_SIZE = 32,
    RESEAL_SALT_SIZE = 4,
    RESEAL_COUNTER_LIMIT_VALUE = 1 << 20 /* messages in one epoch; every counter is lower */
};

/* The way of a message: from its sender to the broker, or from the broker to a subscriber. */
enum reseal_direction { RESEAL_UPLINK = 1, RESEAL_DOWNLINK = 2 };

/*
 * One key generation of one principal, for one realm: a broker, or a cluster of brokers that share their replay
 * windows. `master` is secret: wipe the structure with reseal_wipe when done.
 */
struct reseal_credentials {
    uint8_t algorithm; /* enum reseal_algorithm */
    uint8_t key_id[RESEAL_KEY_ID_SIZE];
    char realm[RESEAL_REALM_MAX + 1]; /* 1 to 64 of A-Z a-z 0-9 . _ - and a NUL; right after the key id */
    uint8_t master[RESEAL_MASTER_SIZE];
    char principal[RESEAL_PRINCIPAL_MAX + 1]; /* as the realm */
};

/* RESEAL_OK, or RESEAL_BAD_CREDENTIALS if a name has other characters or lengths, or the algorithm is unknown. */
enum reseal_status reseal_credentials_check(const struct reseal_credentials *credentials);

/* What the keys of an epoch depend on, besides credentials and direction. Epoch 0 means "none yet". */
struct reseal_epoch {
    uint32_t number;
    uint8_t salt[RESEAL_SALT_SIZE];
};

/* Whether number and salt are the same. */
bool reseal_epoch_equal(const struct reseal_epoch *a, const struct reseal_epoch *b);

/* Zeroed memory is "none". */
struct reseal_epoch_keys {
    struct reseal_aead aead;
    uint8_t base_iv[RESEAL_NONCE_SIZE_MAX];
};

/*
 * Derives key and base IV of one epoch and prepares them for one use. `out` must be zeroed or wiped.
 * Returns RESEAL_OK, RESEAL_WRONG_ALGORITHM or RESEAL_CRYPTO_FAILED; unless RESEAL_OK, `out` is zeroed.
 */
enum reseal_status reseal_epoch_keys_derive(const struct reseal_crypto *crypto,
                                            const struct reseal_credentials *credentials,
                                            enum reseal_direction direction, const struct reseal_epoch *epoch,
                                            enum reseal_use use, struct reseal_epoch_keys *out);

/* Wipes the keys and frees what they hold; zeroed memory is allowed. */
void reseal_epoch_keys_wipe(struct reseal_epoch_keys *keys);

#ifdef __cplusplus
}
#endif
#endif
