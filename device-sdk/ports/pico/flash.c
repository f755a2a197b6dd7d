/* SPDX-License-Identifier: Apache-2.0 */
#include <hardware/flash.h>
#include <string.h>

#include "flash_access.h"
#include "stores.h"
#ifdef RESEAL_PICO_FLASH_LAYOUT
#include RESEAL_PICO_FLASH_LAYOUT /* where it says, in place of the end of the flash */
#endif

enum {
    LEFT_ALONE = 3 * FLASH_SECTOR_SIZE, /* see pico.h */
    TAKEN = 6 * FLASH_SECTOR_SIZE
};

#ifndef RESEAL_PICO_FLASH_OFFSET
#define RESEAL_PICO_FLASH_OFFSET (PICO_FLASH_SIZE_BYTES - LEFT_ALONE - TAKEN)
#endif
_Static_assert(RESEAL_PICO_FLASH_OFFSET % FLASH_SECTOR_SIZE == 0,
               "RESEAL_PICO_FLASH_OFFSET is not the start of a sector");
_Static_assert(RESEAL_PICO_FLASH_OFFSET + TAKEN <= PICO_FLASH_SIZE_BYTES, "RESEAL_PICO_FLASH_OFFSET is too high");
#ifdef PICO_FLASH_BANK_STORAGE_OFFSET
_Static_assert(RESEAL_PICO_FLASH_OFFSET + TAKEN <= PICO_FLASH_BANK_STORAGE_OFFSET ||
                   RESEAL_PICO_FLASH_OFFSET >= PICO_FLASH_BANK_STORAGE_OFFSET + 2 * FLASH_SECTOR_SIZE,
               "BTstack's sectors overlap those of RESEAL_PICO_FLASH_OFFSET");
#endif

/* Where the flash can be read directly: not through the cache or a partition table's mapping. */
#ifdef XIP_NOCACHE_NOALLOC_NOTRANSLATE_BASE
#define FLASH_AS_IT_IS XIP_NOCACHE_NOALLOC_NOTRANSLATE_BASE
#else
#define FLASH_AS_IT_IS XIP_NOCACHE_NOALLOC_BASE
#endif

extern const char __flash_binary_end; /* from the SDK's linker script */

/*
 * Sets *start to the place in flash of `offset` in the two sectors; false if it is outside them or the firmware is
 * there.
 */
static bool locate(const void *context, uint32_t offset, uint32_t size, uint32_t *start) {
    const uint32_t *sectors = context;
    *start = *sectors + offset;
    return offset <= 2 * FLASH_SECTOR_SIZE && size <= 2 * FLASH_SECTOR_SIZE - offset &&
           (uintptr_t)&__flash_binary_end <= XIP_BASE + RESEAL_PICO_FLASH_OFFSET;
}

static bool read(void *context, uint32_t offset, uint8_t *out, uint32_t size) {
    uint32_t start = 0;
    if (!locate(context, offset, size, &start)) {
        return false;
    }
    memcpy(out, (const uint8_t *)(FLASH_AS_IT_IS + start), size);
    return true;
}

/* One write is a page of 256 bytes; ones leave the flash as it is. */
static bool program(void *context, uint32_t offset, const uint8_t *data, uint32_t size) {
    static uint8_t page[FLASH_PAGE_SIZE]; /* static to spare the stack */
    uint32_t start = 0;
    bool done = locate(context, offset, size, &start);
    while (done && size > 0) {
        const uint32_t inside = start % FLASH_PAGE_SIZE;
        const uint32_t part = size < FLASH_PAGE_SIZE - inside ? size : FLASH_PAGE_SIZE - inside;
        memset(page, 0xFF, sizeof page);
        memcpy(page + inside, data, part);
        done = reseal_pico_flash_carry_out((struct reseal_pico_flash_work){start - inside, page});
        start += part;
        data += part;
        size -= part;
    }
    reseal_wipe(page, sizeof page);
    return done;
}

static bool erase(void *context, uint32_t offset) {
    uint32_t start = 0;
    return locate(context, offset, FLASH_SECTOR_SIZE, &start) &&
           reseal_pico_flash_carry_out((struct reseal_pico_flash_work){start, NULL});
}

/* Never reorder these: a device whose sectors move forgets its epoch. */
static const uint32_t settings = RESEAL_PICO_FLASH_OFFSET;
static const uint32_t windows = RESEAL_PICO_FLASH_OFFSET + 2 * FLASH_SECTOR_SIZE;
static const uint32_t epochs = RESEAL_PICO_FLASH_OFFSET + 4 * FLASH_SECTOR_SIZE;

static const struct reseal_flash settings_flash = {(void *)&settings, FLASH_SECTOR_SIZE, read, program, erase};
static const struct reseal_flash windows_flash = {(void *)&windows, FLASH_SECTOR_SIZE, read, program, erase};
static const struct reseal_flash epochs_flash = {(void *)&epochs, FLASH_SECTOR_SIZE, read, program, erase};

const struct reseal_flash *reseal_pico_settings_flash(void) {
    return &settings_flash;
}

struct reseal_epoch_store reseal_pico_epochs(void) {
    return reseal_flash_epoch_store(&epochs_flash);
}

struct reseal_window_store reseal_pico_windows(void) {
    return reseal_flash_window_store(&windows_flash);
}
