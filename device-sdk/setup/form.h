/* SPDX-License-Identifier: Apache-2.0 */
/* The byte form of settings: a version, then fields in ascending order: number, two bytes of length, value. */
#ifndef RESEAL_SETUP_FORM_H
#define RESEAL_SETUP_FORM_H

#include <reseal/settings.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_FORM_VERSION = 2,
    RESEAL_SHOWN_SIZE_MAX = 1 + 9 * 3 + RESEAL_WIFI_NAME_MAX + 1 + RESEAL_BROKER_MAX + 2 + 1 + RESEAL_PRINCIPAL_MAX + 3
};

/* Writes one field; returns the position after it. */
uint8_t *reseal_form_put(uint8_t *at, int field, struct reseal_bytes value);

/*
 * The part of the settings that whoever knows the pairing code may see, in the byte form: names as they are, the
 * principal's name for the credentials, and for each other secret and certificate one byte, whether it is set. Returns
 * its size, up to RESEAL_SHOWN_SIZE_MAX.
 */
size_t reseal_form_show(const struct reseal_settings *settings, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
