/* SPDX-License-Identifier: Apache-2.0 */
#include "built_in.h"

#include <string.h>

#ifdef VITALS_PAIRING
bool built_in_pairing(struct reseal_pairing *out) {
    return reseal_pairing_read(VITALS_PAIRING, out) == RESEAL_OK;
}
#else
bool built_in_pairing(struct reseal_pairing *out) {
    memset(out, 0, sizeof *out);
    return false;
}
#endif

#ifdef VITALS_DEVICE
#include <built_in_device.h> /* by CMakeLists.txt, of the folder VITALS_DEVICE */
#include <credentials.h>
#include <network.h>

static const struct reseal_settings settings = {
    .wifi_name = VITALS_WIFI_NAME,
    .wifi_password = VITALS_WIFI_PASSWORD,
    .broker = VITALS_BROKER,
    .port = VITALS_PORT,
    .tls = VITALS_CERTIFICATES,
    .has_credentials = true,
#if VITALS_CERTIFICATES
    .ca = {VITALS_CA},
    .certificate = {VITALS_CERTIFICATE},
    .private_key = {VITALS_KEY},
#endif
};

bool built_in_settings(struct reseal_settings *out) {
    *out = settings;
    out->credentials = reseal_device_credentials;
    return true;
}
#else
bool built_in_settings(struct reseal_settings *out) {
    memset(out, 0, sizeof *out);
    return false;
}
#endif
