/* SPDX-License-Identifier: Apache-2.0 */
/* The byte form: a version, then fields in ascending order: number, two bytes of length, value. */
#include "form.h"

#include <string.h>

enum {
    HEAD_SIZE = 3,
    FIELDS = RESEAL_SETTINGS_PRIVATE_KEY,
    /* Algorithm, key id, master, size of the realm; then realm and principal. */
    CREDENTIALS_FIXED = 1 + RESEAL_KEY_ID_SIZE + RESEAL_MASTER_SIZE + 1
};

static struct reseal_bytes text_of(const char *text) {
    return (struct reseal_bytes){(const uint8_t *)text, strlen(text)};
}

/* Buffer for a value that must be assembled before its field is written. */
union scratch {
    uint8_t number[2];
    uint8_t credentials[CREDENTIALS_FIXED + RESEAL_REALM_MAX + RESEAL_PRINCIPAL_MAX];
};

static struct reseal_bytes credentials_value(const struct reseal_settings *settings, union scratch *scratch) {
    if (!settings->has_credentials) {
        return (struct reseal_bytes){NULL, 0};
    }
    const struct reseal_credentials *from = &settings->credentials;
    const size_t realm_size = strlen(from->realm);
    const size_t name_size = strlen(from->principal);
    uint8_t *at = scratch->credentials;
    *at++ = from->algorithm;
    memcpy(at, from->key_id, RESEAL_KEY_ID_SIZE);
    at += RESEAL_KEY_ID_SIZE;
    memcpy(at, from->master, RESEAL_MASTER_SIZE);
    at += RESEAL_MASTER_SIZE;
    *at++ = (uint8_t)realm_size;
    memcpy(at, from->realm, realm_size);
    memcpy(at + realm_size, from->principal, name_size);
    return (struct reseal_bytes){scratch->credentials, CREDENTIALS_FIXED + realm_size + name_size};
}

static struct reseal_bytes value_of(const struct reseal_settings *settings, int field, union scratch *scratch) {
    switch (field) {
        case RESEAL_SETTINGS_WIFI_NAME:
            return text_of(settings->wifi_name);
        case RESEAL_SETTINGS_WIFI_PASSWORD:
            return text_of(settings->wifi_password);
        case RESEAL_SETTINGS_BROKER:
            return text_of(settings->broker);
        case RESEAL_SETTINGS_PORT:
            scratch->number[0] = (uint8_t)(settings->port >> 8);
            scratch->number[1] = (uint8_t)settings->port;
            return (struct reseal_bytes){scratch->number, 2};
        case RESEAL_SETTINGS_TLS:
            scratch->number[0] = settings->tls ? 1 : 0;
            return (struct reseal_bytes){scratch->number, 1};
        case RESEAL_SETTINGS_CREDENTIALS:
            return credentials_value(settings, scratch);
        case RESEAL_SETTINGS_CA:
            return (struct reseal_bytes){settings->ca.der, settings->ca.size};
        case RESEAL_SETTINGS_CERTIFICATE:
            return (struct reseal_bytes){settings->certificate.der, settings->certificate.size};
        default:
            return (struct reseal_bytes){settings->private_key.der, settings->private_key.size};
    }
}

static size_t form_size(const struct reseal_settings *settings, union scratch *scratch) {
    size_t size = 1;
    for (int field = 1; field <= FIELDS; field++) {
        size += HEAD_SIZE + value_of(settings, field, scratch).size;
    }
    return size;
}

uint8_t *reseal_form_put(uint8_t *at, int field, struct reseal_bytes value) {
    *at++ = (uint8_t)field;
    *at++ = (uint8_t)(value.size >> 8);
    *at++ = (uint8_t)value.size;
    if (value.size > 0) {
        memcpy(at, value.data, value.size);
    }
    return at + value.size;
}

enum reseal_status reseal_settings_encode(const struct reseal_settings *settings, struct reseal_buffer *out) {
    if (out == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    out->size = 0;
    if (settings == NULL || out->data == NULL || reseal_settings_check(settings) != RESEAL_SETTINGS_NONE) {
        return RESEAL_BAD_ARGUMENT;
    }
    union scratch scratch;
    enum reseal_status status = RESEAL_BUFFER_TOO_SMALL;
    if (form_size(settings, &scratch) <= out->capacity) {
        uint8_t *at = out->data;
        *at++ = RESEAL_FORM_VERSION;
        for (int field = 1; field <= FIELDS; field++) {
            at = reseal_form_put(at, field, value_of(settings, field, &scratch));
        }
        out->size = (size_t)(at - out->data);
        status = RESEAL_OK;
    }
    reseal_wipe(&scratch, sizeof scratch);
    return status;
}

static bool set_text(char *to, size_t max, struct reseal_bytes value) {
    if (value.size > max || memchr(value.data, '\0', value.size) != NULL) {
        return false;
    }
    reseal_wipe(to, max + 1);
    memcpy(to, value.data, value.size);
    return true;
}

static bool set_port(struct reseal_settings *settings, struct reseal_bytes value) {
    if (value.size != 2) {
        return false;
    }
    settings->port = (uint16_t)(value.data[0] << 8 | value.data[1]);
    return true;
}

static bool set_tls(struct reseal_settings *settings, struct reseal_bytes value) {
    if (value.size != 1 || value.data[0] > 1) {
        return false;
    }
    settings->tls = value.data[0] == 1;
    return true;
}

static bool set_credentials(struct reseal_settings *settings, struct reseal_bytes value) {
    struct reseal_credentials *to = &settings->credentials;
    reseal_wipe(to, sizeof *to);
    settings->has_credentials = value.size > 0;
    if (value.size == 0) {
        return true;
    }
    if (value.size <= CREDENTIALS_FIXED) {
        return false;
    }
    const uint8_t *at = value.data;
    to->algorithm = *at++;
    memcpy(to->key_id, at, RESEAL_KEY_ID_SIZE);
    at += RESEAL_KEY_ID_SIZE;
    memcpy(to->master, at, RESEAL_MASTER_SIZE);
    at += RESEAL_MASTER_SIZE;
    const size_t realm_size = *at++;
    if (value.size - CREDENTIALS_FIXED <= realm_size) {
        return false;
    }
    return set_text(to->realm, RESEAL_REALM_MAX, (struct reseal_bytes){at, realm_size}) &&
           set_text(to->principal, RESEAL_PRINCIPAL_MAX,
                    (struct reseal_bytes){at + realm_size, value.size - CREDENTIALS_FIXED - realm_size});
}

static bool set_der(uint8_t *to, uint16_t *size, size_t max, struct reseal_bytes value) {
    if (value.size > max) {
        return false;
    }
    reseal_wipe(to, max);
    memcpy(to, value.data, value.size);
    *size = (uint16_t)value.size;
    return true;
}

static bool set_value(struct reseal_settings *settings, int field, struct reseal_bytes value) {
    switch (field) {
        case RESEAL_SETTINGS_WIFI_NAME:
            return set_text(settings->wifi_name, RESEAL_WIFI_NAME_MAX, value);
        case RESEAL_SETTINGS_WIFI_PASSWORD:
            return set_text(settings->wifi_password, RESEAL_WIFI_PASSWORD_MAX, value);
        case RESEAL_SETTINGS_BROKER:
            return set_text(settings->broker, RESEAL_BROKER_MAX, value);
        case RESEAL_SETTINGS_PORT:
            return set_port(settings, value);
        case RESEAL_SETTINGS_TLS:
            return set_tls(settings, value);
        case RESEAL_SETTINGS_CREDENTIALS:
            return set_credentials(settings, value);
        case RESEAL_SETTINGS_CA:
            return set_der(settings->ca.der, &settings->ca.size, RESEAL_CERTIFICATE_MAX, value);
        case RESEAL_SETTINGS_CERTIFICATE:
            return set_der(settings->certificate.der, &settings->certificate.size, RESEAL_CERTIFICATE_MAX, value);
        default:
            return set_der(settings->private_key.der, &settings->private_key.size, RESEAL_PRIVATE_KEY_MAX, value);
    }
}

struct field {
    int number;
    struct reseal_bytes value;
};

/* Takes the next field off `rest`. False unless it is well formed with a number above `last`. */
static bool take_field(struct reseal_bytes *rest, int last, struct field *out) {
    if (rest->size < HEAD_SIZE) {
        return false;
    }
    const size_t size = (size_t)rest->data[1] << 8 | rest->data[2];
    if (rest->data[0] <= last || rest->data[0] > FIELDS || rest->size - HEAD_SIZE < size) {
        return false;
    }
    *out = (struct field){rest->data[0], {rest->data + HEAD_SIZE, size}};
    rest->data += HEAD_SIZE + size;
    rest->size -= HEAD_SIZE + size;
    return true;
}

/* Sets the fields that the form holds; `count` is their number. */
static enum reseal_settings_field set_fields(struct reseal_settings *settings, struct reseal_bytes form, int *count) {
    struct field field = {0, {NULL, 0}};
    *count = 0;
    if (form.size == 0 || form.data[0] != RESEAL_FORM_VERSION) {
        return RESEAL_SETTINGS_FORM;
    }
    struct reseal_bytes rest = {form.data + 1, form.size - 1};
    while (rest.size > 0) {
        if (!take_field(&rest, field.number, &field)) {
            return RESEAL_SETTINGS_FORM;
        }
        if (!set_value(settings, field.number, field.value)) {
            return (enum reseal_settings_field)field.number;
        }
        ++*count;
    }
    return reseal_settings_check(settings);
}

enum reseal_settings_field reseal_settings_change(struct reseal_settings *settings, struct reseal_bytes form) {
    int count = 0;
    return set_fields(settings, form, &count);
}

enum reseal_status reseal_settings_decode(struct reseal_bytes form, struct reseal_settings *out) {
    if (out == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    int count = 0;
    reseal_wipe(out, sizeof *out);
    if (set_fields(out, form, &count) != RESEAL_SETTINGS_NONE || count != FIELDS) {
        reseal_wipe(out, sizeof *out);
        return RESEAL_MALFORMED;
    }
    return RESEAL_OK;
}
