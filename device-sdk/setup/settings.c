/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/settings.h>
#include <string.h>

#include "utf8.h"

const char *reseal_settings_field_text(enum reseal_settings_field field) {
    switch (field) {
        case RESEAL_SETTINGS_NONE:
            return "nothing is wrong";
        case RESEAL_SETTINGS_WIFI_NAME:
            return "the Wi-Fi name has 1 to 32 bytes (a letter outside of A to Z takes 2 to 4) and no control "
                   "characters";
        case RESEAL_SETTINGS_WIFI_PASSWORD:
            return "the Wi-Fi password has 8 to 63 characters, none outside of ASCII; an open network has none";
        case RESEAL_SETTINGS_BROKER:
            return "the broker's address is a host name or four numbers like 192.0.2.7, 1 to 63 characters long";
        case RESEAL_SETTINGS_PORT:
            return "the port is a number from 1 to 65535, usually 8883 with TLS and 1883 without";
        case RESEAL_SETTINGS_TLS:
            return "TLS is switched on (1) or off (0)";
        case RESEAL_SETTINGS_CREDENTIALS:
            return "the credentials are those that 'provision export ID --format json' writes";
        case RESEAL_SETTINGS_CA:
            return "the CA certificate, which TLS needs, is one certificate of at most 1240 bytes of DER";
        case RESEAL_SETTINGS_CERTIFICATE:
            return "the device's certificate is one certificate of at most 1240 bytes of DER, and comes with its key";
        case RESEAL_SETTINGS_PRIVATE_KEY:
            return "the private key has at most 1224 bytes of DER, no passphrase, and comes with its certificate";
        case RESEAL_SETTINGS_FORM:
            break;
    }
    return "the settings are not of the form that this firmware reads; load the page again";
}

/* `max` + 1 if there is no NUL within that many characters. */
static size_t length_of(const char *text, size_t max) {
    const char *end = memchr(text, '\0', max + 1);
    return end == NULL ? max + 1 : (size_t)(end - text);
}

static bool is_wifi_name(const char *text) {
    const size_t size = length_of(text, RESEAL_WIFI_NAME_MAX);
    if (size == 0 || size > RESEAL_WIFI_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if ((uint8_t)text[i] < 0x20 || text[i] == 0x7F) {
            return false;
        }
    }
    return reseal_utf8_check((struct reseal_bytes){(const uint8_t *)text, size});
}

static bool is_wifi_password(const char *text) {
    const size_t size = length_of(text, RESEAL_WIFI_PASSWORD_MAX);
    if (size != 0 && (size < RESEAL_WIFI_PASSWORD_MIN || size > RESEAL_WIFI_PASSWORD_MAX)) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] < 0x20 || text[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_host_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || is_digit(c) || c == '-';
}

/* A label of a host name (RFC 1123 section 2.1): letters, digits and inner hyphens. Returns its length, or 0. */
static size_t label_length(const char *text) {
    size_t length = 0;
    while (is_host_character(text[length])) {
        length++;
    }
    const bool hyphen_outside = length > 0 && (text[0] == '-' || text[length - 1] == '-');
    return hyphen_outside ? 0 : length;
}

static bool is_host_name(const char *text) {
    size_t length = label_length(text);
    while (length > 0 && text[length] == '.') {
        text += length + 1;
        length = label_length(text);
    }
    return length > 0 && text[length] == '\0';
}

/* 0 to 255 without leading zeros, which some parsers read as octal. Returns the number of digits, or 0. */
static size_t octet_length(const char *text) {
    unsigned value = 0;
    size_t length = 0;
    while (length < 3 && is_digit(text[length])) {
        value = value * 10 + (unsigned)(text[length] - '0');
        length++;
    }
    const bool leading_zero = length > 1 && text[0] == '0';
    return value > 255 || leading_zero ? 0 : length;
}

static bool is_ipv4(const char *text) {
    for (int octet = 0; octet < 4; octet++) {
        const size_t length = octet_length(text);
        const char end = octet < 3 ? '.' : '\0';
        if (length == 0 || text[length] != end) {
            return false;
        }
        text += length + 1;
    }
    return true;
}

/* A name whose last label is a number is an address, as in the URL standard. So 192.168.1 is not looked up in DNS. */
static bool ends_in_number(const char *text) {
    const char *dot = strrchr(text, '.');
    const char *label = dot == NULL ? text : dot + 1;
    return label[0] != '\0' && strspn(label, "0123456789") == strlen(label);
}

static bool is_broker(const char *text) {
    if (length_of(text, RESEAL_BROKER_MAX) > RESEAL_BROKER_MAX) {
        return false;
    }
    return ends_in_number(text) ? is_ipv4(text) : is_host_name(text);
}

/* One DER SEQUENCE in its shortest form, with nothing after it. */
static bool is_der_sequence(const uint8_t *der, size_t size) {
    if (size < 2 || der[0] != 0x30) {
        return false;
    }
    if (der[1] < 0x80) {
        return size == 2U + der[1];
    }
    if (der[1] == 0x81) {
        return size >= 3 && der[2] >= 0x80 && size == 3U + der[2];
    }
    return der[1] == 0x82 && size >= 4 && der[2] != 0 && size == 4U + ((unsigned)der[2] << 8) + der[3];
}

static bool is_certificate(const struct reseal_certificate *certificate) {
    return certificate->size == 0 ||
           (certificate->size <= RESEAL_CERTIFICATE_MAX && is_der_sequence(certificate->der, certificate->size));
}

static bool is_private_key(const struct reseal_private_key *key) {
    return key->size == 0 || (key->size <= RESEAL_PRIVATE_KEY_MAX && is_der_sequence(key->der, key->size));
}

static enum reseal_settings_field check_keys(const struct reseal_settings *settings) {
    if (settings->has_credentials && reseal_credentials_check(&settings->credentials) != RESEAL_OK) {
        return RESEAL_SETTINGS_CREDENTIALS;
    }
    if (!is_certificate(&settings->ca) || (settings->tls && settings->ca.size == 0)) {
        return RESEAL_SETTINGS_CA;
    }
    if (!is_certificate(&settings->certificate) ||
        (settings->certificate.size == 0 && settings->private_key.size > 0)) {
        return RESEAL_SETTINGS_CERTIFICATE;
    }
    if (!is_private_key(&settings->private_key) ||
        (settings->private_key.size == 0 && settings->certificate.size > 0)) {
        return RESEAL_SETTINGS_PRIVATE_KEY;
    }
    return RESEAL_SETTINGS_NONE;
}

enum reseal_settings_field reseal_settings_check(const struct reseal_settings *settings) {
    if (!is_wifi_name(settings->wifi_name)) {
        return RESEAL_SETTINGS_WIFI_NAME;
    }
    if (!is_wifi_password(settings->wifi_password)) {
        return RESEAL_SETTINGS_WIFI_PASSWORD;
    }
    if (!is_broker(settings->broker)) {
        return RESEAL_SETTINGS_BROKER;
    }
    if (settings->port == 0) {
        return RESEAL_SETTINGS_PORT;
    }
    return check_keys(settings);
}
