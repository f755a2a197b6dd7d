/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS with a pre-shared key (RFC 4279, RFC 8446 section 2.2), for devices that have no memory for certificates. The key
 * is derived from the principal's master secret, so nothing else must be kept or rotated. It protects the channel; the
 * device proves its identity by a sealed CONNECT inside it (reseal_device_login). See docs/protocol.md, "TLS-PSK".
 */
#ifndef RESEAL_PSK_H
#define RESEAL_PSK_H

#include <reseal/crypto.h>
#include <reseal/key.h>
#include <reseal/status.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_PSK_SIZE = 32, /* bytes */
    RESEAL_PSK_IDENTITY_SIZE = RESEAL_PRINCIPAL_MAX + 1 + 2 * RESEAL_KEY_ID_SIZE + 1
};

/* Holds a secret: wipe it with reseal_wipe when the TLS library has its copy. */
struct reseal_psk {
    char identity[RESEAL_PSK_IDENTITY_SIZE]; /* principal, a slash, the key id in lower-case hex; ends with a NUL */
    uint8_t key[RESEAL_PSK_SIZE];
};

/*
 * Needs 700 bytes of stack and one HKDF. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null), RESEAL_BAD_CREDENTIALS, or what
 * the crypto library returns; unless RESEAL_OK, `out` is zeroed.
 */
enum reseal_status reseal_psk_derive(const struct reseal_crypto *crypto, const struct reseal_credentials *credentials,
                                     struct reseal_psk *out);

#ifdef __cplusplus
}
#endif
#endif
