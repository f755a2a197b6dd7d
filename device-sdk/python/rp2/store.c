/* SPDX-License-Identifier: Apache-2.0 */
/* A board has one identity, in the sectors of flash_layout.h. */

#include "python/store.h"

#include <reseal/pico.h>
#include <string.h>

#include "py/mpconfig.h"
#include "py/mphal.h"

static bool taken; /* by a Device, or while credentials are being kept */

enum reseal_status reseal_py_store_open(struct reseal_py_store *store, const char *folder) {
    if (folder != NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    const mp_uint_t state = MICROPY_BEGIN_ATOMIC_SECTION(); /* threads run on both cores */
    store->open = !taken;
    taken = true;
    MICROPY_END_ATOMIC_SECTION(state);
    return store->open ? RESEAL_OK : RESEAL_IN_USE;
}

enum reseal_status reseal_py_store_read(struct reseal_py_store *store, struct reseal_buffer *out) {
    (void)store;
    return reseal_flash_record_read(reseal_pico_settings_flash(), out);
}

enum reseal_status reseal_py_store_write(struct reseal_py_store *store, const char *text) {
    (void)store;
    const struct reseal_bytes record = {(const uint8_t *)text, strlen(text)};
    return reseal_flash_record_write(reseal_pico_settings_flash(), record);
}

struct reseal_port reseal_py_store_port(struct reseal_py_store *store) {
    (void)store;
    return reseal_pico_port();
}

void reseal_py_store_close(struct reseal_py_store *store) {
    if (store->open) {
        store->open = false;
        taken = false;
    }
}
