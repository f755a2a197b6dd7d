/* SPDX-License-Identifier: Apache-2.0 */
#include "flash_access.h"

#include <pico/flash.h>
#include <reseal/bytes.h>

enum { PATIENCE_MS = 1000 /* for the other core to stand still */ };

/*
 * flash_safe_execute calls it while nothing else runs: so the page, static to spare the stack, is in use once at a
 * time.
 */
static void carry_out(void *context) {
    static uint8_t page[FLASH_PAGE_SIZE];
    const struct reseal_pico_flash_work *work = context;
    if (work->size == 0) {
        flash_range_erase(work->start, FLASH_SECTOR_SIZE);
        return;
    }
    flash_range_program(reseal_pico_flash_fill(work, page), page, FLASH_PAGE_SIZE);
    reseal_wipe(page, sizeof page);
}

enum reseal_pico_flash_fault reseal_pico_flash_carry_out(struct reseal_pico_flash_work work) {
    switch (flash_safe_execute(carry_out, &work, PATIENCE_MS)) {
        case PICO_OK:
            return RESEAL_PICO_FLASH_FINE;
        case PICO_ERROR_NOT_PERMITTED:
            return RESEAL_PICO_FLASH_CORE_NOT_READY;
        case PICO_ERROR_TIMEOUT:
            return RESEAL_PICO_FLASH_CORE_DID_NOT_STOP;
        case PICO_ERROR_INSUFFICIENT_RESOURCES:
            return RESEAL_PICO_FLASH_NO_MEMORY;
        default:
            return RESEAL_PICO_FLASH_OTHER;
    }
}
