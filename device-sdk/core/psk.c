/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/psk.h>
#include <string.h>

#include "derivation.h"

static void write_identity(char *at, const struct reseal_credentials *credentials) {
    static const char digits[] = "0123456789abcdef";
    for (const char *name = credentials->principal; *name != '\0'; name++) {
        *at++ = *name;
    }
    *at++ = '/';
    for (size_t i = 0; i < RESEAL_KEY_ID_SIZE; i++) {
        *at++ = digits[credentials->key_id[i] >> 4];
        *at++ = digits[credentials->key_id[i] & 0xF];
    }
    *at = '\0';
}

enum reseal_status reseal_psk_derive(const struct reseal_crypto *crypto, const struct reseal_credentials *credentials,
                                     struct reseal_psk *out) {
    if (crypto == NULL || credentials == NULL || out == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    memset(out, 0, sizeof *out);
    enum reseal_status status = reseal_credentials_check(credentials);
    if (status != RESEAL_OK) {
        return status;
    }
    /* Unique info and salt: other key ids have a direction, other algorithms are not 0, and no realm is empty. */
    const struct reseal_bytes id = {credentials->key_id, RESEAL_KEY_ID_SIZE};
    uint8_t info[RESEAL_INFO_MAX];
    const size_t size = reseal_info_write(info, id, (struct reseal_bytes){NULL, 0}, 0, "TLS-PSK", RESEAL_PSK_SIZE);
    status = crypto->hkdf_sha256(id, (struct reseal_bytes){credentials->master, RESEAL_MASTER_SIZE},
                                 (struct reseal_bytes){info, size}, out->key, RESEAL_PSK_SIZE);
    if (status == RESEAL_OK) {
        write_identity(out->identity, credentials);
    } else {
        reseal_wipe(out, sizeof *out);
    }
    return status;
}
