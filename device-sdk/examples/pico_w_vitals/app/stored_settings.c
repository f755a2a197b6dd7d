/* SPDX-License-Identifier: Apache-2.0 */
#include "stored_settings.h"

#include <string.h>

/* Static, to spare the stack: 4 KiB. Wiped after each use. */
static uint8_t form[RESEAL_SETTINGS_SIZE_MAX];

enum reseal_status stored_settings_read(const struct reseal_flash *flash, struct reseal_settings *out) {
    struct reseal_buffer record = {form, sizeof form, 0};
    memset(out, 0, sizeof *out);
    enum reseal_status status = reseal_flash_record_read(flash, &record);
    if (status == RESEAL_OK && record.size > 0) {
        status = reseal_settings_decode((struct reseal_bytes){form, record.size}, out);
    }
    reseal_wipe(form, sizeof form);
    return status;
}

enum reseal_status stored_settings_write(const struct reseal_flash *flash, const struct reseal_settings *settings) {
    struct reseal_buffer record = {form, sizeof form, 0};
    enum reseal_status status = reseal_settings_encode(settings, &record);
    if (status == RESEAL_OK) {
        status = reseal_flash_record_write(flash, (struct reseal_bytes){form, record.size});
    }
    reseal_wipe(form, sizeof form);
    return status;
}

enum reseal_status stored_settings_rekey(const struct reseal_flash *flash, struct reseal_settings *settings,
                                         const struct reseal_credentials *fresh) {
    struct reseal_credentials before = settings->credentials;
    settings->credentials = *fresh;
    const enum reseal_status status = stored_settings_write(flash, settings);
    if (status != RESEAL_OK) {
        settings->credentials = before;
    }
    reseal_wipe(&before, sizeof before);
    return status;
}
