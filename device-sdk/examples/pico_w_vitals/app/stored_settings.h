/* SPDX-License-Identifier: Apache-2.0 */
/* The device's settings in its flash. */
#ifndef VITALS_STORED_SETTINGS_H
#define VITALS_STORED_SETTINGS_H

#include <reseal/flash.h>
#include <reseal/settings.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Reads the newest record. Returns RESEAL_OK, with `out` zeroed if nothing was ever stored; RESEAL_MALFORMED if the
 * record does not hold settings; or RESEAL_NOT_STORED if the flash cannot be read. Unless RESEAL_OK, `out` is zeroed.
 */
enum reseal_status stored_settings_read(const struct reseal_flash *flash, struct reseal_settings *out);

/* Writes a record. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (reseal_settings_check names a field) or RESEAL_NOT_STORED.
 */
enum reseal_status stored_settings_write(const struct reseal_flash *flash, const struct reseal_settings *settings);

/*
 * Writes `settings` with other credentials. Returns what stored_settings_write returns; unless RESEAL_OK, `settings`
 * are unchanged.
 */
enum reseal_status stored_settings_rekey(const struct reseal_flash *flash, struct reseal_settings *settings,
                                         const struct reseal_credentials *fresh);

#ifdef __cplusplus
}
#endif
#endif
