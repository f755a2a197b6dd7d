/* SPDX-License-Identifier: Apache-2.0 */
#include "flash_access.h"

#include <hardware/flash.h>
#include <pico/flash.h>

enum { PATIENCE_MS = 1000 /* for the other core to stand still */ };

/* flash_safe_execute calls it while nothing else reads the flash. */
static void carry_out(void *context) {
    const struct reseal_pico_flash_work *work = context;
    if (work->page == NULL) {
        flash_range_erase(work->start, FLASH_SECTOR_SIZE);
    } else {
        flash_range_program(work->start, work->page, FLASH_PAGE_SIZE);
    }
}

bool reseal_pico_flash_carry_out(struct reseal_pico_flash_work work) {
    return flash_safe_execute(carry_out, &work, PATIENCE_MS) == PICO_OK;
}
