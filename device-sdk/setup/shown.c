/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "form.h"

static uint8_t *put_text(uint8_t *at, int field, const char *text) {
    return reseal_form_put(at, field, (struct reseal_bytes){(const uint8_t *)text, strlen(text)});
}

static uint8_t *put_flag(uint8_t *at, int field, bool value) {
    const uint8_t byte = value ? 1 : 0;
    return reseal_form_put(at, field, (struct reseal_bytes){&byte, 1});
}

size_t reseal_form_show(const struct reseal_settings *settings, uint8_t *out) {
    const uint8_t port[2] = {(uint8_t)(settings->port >> 8), (uint8_t)settings->port};
    uint8_t *at = out;
    *at++ = RESEAL_FORM_VERSION;
    at = put_text(at, RESEAL_SETTINGS_WIFI_NAME, settings->wifi_name);
    at = put_flag(at, RESEAL_SETTINGS_WIFI_PASSWORD, settings->wifi_password[0] != '\0');
    at = put_text(at, RESEAL_SETTINGS_BROKER, settings->broker);
    at = reseal_form_put(at, RESEAL_SETTINGS_PORT, (struct reseal_bytes){port, sizeof port});
    at = put_flag(at, RESEAL_SETTINGS_TLS, settings->tls);
    at = put_text(at, RESEAL_SETTINGS_CREDENTIALS, settings->has_credentials ? settings->credentials.principal : "");
    at = put_flag(at, RESEAL_SETTINGS_CA, settings->ca.size > 0);
    at = put_flag(at, RESEAL_SETTINGS_CERTIFICATE, settings->certificate.size > 0);
    at = put_flag(at, RESEAL_SETTINGS_PRIVATE_KEY, settings->private_key.size > 0);
    return (size_t)(at - out);
}
