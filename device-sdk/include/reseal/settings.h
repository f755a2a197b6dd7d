/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device must know before it can send: Wi-Fi, broker, credentials. It is set in configuration mode
 * (reseal/setup.h) and kept as one flash record (reseal/flash.h) in the byte form of docs/setup-mode.md, "Settings".
 */
#ifndef RESEAL_SETTINGS_H
#define RESEAL_SETTINGS_H

#include <reseal/key.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_WIFI_NAME_MAX = 32, /* bytes */
    RESEAL_WIFI_PASSWORD_MIN = 8,
    RESEAL_WIFI_PASSWORD_MAX = 63,
    RESEAL_BROKER_MAX = 63,
    RESEAL_CERTIFICATE_MAX = 1240,  /* bytes of DER: ECDSA takes about 500, RSA-2048 about 900 */
    RESEAL_PRIVATE_KEY_MAX = 1224,  /* bytes of DER: ECDSA takes about 140, RSA-2048 at most 1220 */
    RESEAL_SETTINGS_SIZE_MAX = 4062 /* of the byte form; fits a flash sector of 4096 */
};

/* DER as mbedtls_x509_crt_parse and mbedtls_pk_parse_key take it. `size` 0 means none. */
struct reseal_certificate {
    uint16_t size;
    uint8_t der[RESEAL_CERTIFICATE_MAX];
};

/* As a certificate; secret. */
struct reseal_private_key {
    uint16_t size;
    uint8_t der[RESEAL_PRIVATE_KEY_MAX];
};

/*
 * About 4.2 KiB: static memory, not the stack. Strings end with a NUL. Zeroed memory means a device that was never set
 * up. Holds secrets: wipe it with reseal_wipe when done.
 */
struct reseal_settings {
    char wifi_name[RESEAL_WIFI_NAME_MAX + 1];         /* 1 to 32 bytes of UTF-8 without control characters */
    char wifi_password[RESEAL_WIFI_PASSWORD_MAX + 1]; /* empty for an open network, else 8 to 63 of ASCII 32 to 126 */
    char broker[RESEAL_BROKER_MAX + 1];               /* a host name or an IPv4 address, 1 to 63 characters */
    uint16_t port;                                    /* not 0 */
    bool tls;
    bool has_credentials;
    struct reseal_credentials credentials; /* all zero unless has_credentials */
    struct reseal_certificate ca;          /* the CA that TLS trusts; TLS needs it, or it would trust anyone */
    struct reseal_certificate certificate; /* the device's own */
    struct reseal_private_key private_key; /* the certificate's; both are present or neither is */
};

/* The numbers are those of the byte form: they never change, and none is used again. */
enum reseal_settings_field {
    RESEAL_SETTINGS_NONE = 0,
    RESEAL_SETTINGS_WIFI_NAME = 1,
    RESEAL_SETTINGS_WIFI_PASSWORD = 2,
    RESEAL_SETTINGS_BROKER = 3,
    RESEAL_SETTINGS_PORT = 4,
    RESEAL_SETTINGS_TLS = 5,
    RESEAL_SETTINGS_CREDENTIALS = 6,
    RESEAL_SETTINGS_CA = 7,
    RESEAL_SETTINGS_CERTIFICATE = 8,
    RESEAL_SETTINGS_PRIVATE_KEY = 9,
    RESEAL_SETTINGS_FORM = 10 /* no field: the byte form itself is broken */
};

/* One sentence for people: what the field is and what it must be. Never null, even for other numbers. */
const char *reseal_settings_field_text(enum reseal_settings_field field);

/*
 * The first field, in numeric order, that a device cannot work with; RESEAL_SETTINGS_NONE if there is none. Missing
 * credentials are not an error: see has_credentials. DER is not parsed beyond its outermost length.
 */
enum reseal_settings_field reseal_settings_check(const struct reseal_settings *settings);

/*
 * Writes the byte form; a capacity of RESEAL_SETTINGS_SIZE_MAX always suffices. `out` must not overlap the settings.
 * Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null, or reseal_settings_check names a field) or RESEAL_BUFFER_TOO_SMALL;
 * unless RESEAL_OK, out->size is 0 and nothing was written.
 */
enum reseal_status reseal_settings_encode(const struct reseal_settings *settings, struct reseal_buffer *out);

/*
 * Reads exactly what reseal_settings_encode writes: every field once, in order, and valid. Returns RESEAL_OK,
 * RESEAL_BAD_ARGUMENT (`out` is null) or RESEAL_MALFORMED; unless RESEAL_OK, `out` is zeroed.
 */
enum reseal_status reseal_settings_decode(struct reseal_bytes form, struct reseal_settings *out);

/*
 * Applies changes to `settings`: the byte form, in which fields may be missing. A missing field stays as it is. An
 * empty one removes credentials, certificate or key, or makes the network an open one. Returns RESEAL_SETTINGS_NONE,
 * RESEAL_SETTINGS_FORM, or the wrong field, even where it is wrong only together with the others. Unless
 * RESEAL_SETTINGS_NONE, `settings` holds part of the changes: pass a copy, and wipe it.
 */
enum reseal_settings_field reseal_settings_change(struct reseal_settings *settings, struct reseal_bytes form);

#ifdef __cplusplus
}
#endif
#endif
