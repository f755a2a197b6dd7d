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

static enum reseal_pico_flash_fault last_fault = RESEAL_PICO_FLASH_FINE;

const char *reseal_pico_flash_error(void) {
    static const char *const texts[] = {
        [RESEAL_PICO_FLASH_FINE] = "the port refused nothing: the flash does not keep what is written to it",
        [RESEAL_PICO_FLASH_IN_INTERRUPT] = "the flash was used in an interrupt: call the SDK from the main loop",
        [RESEAL_PICO_FLASH_IN_FIRMWARE] = "the firmware reaches into the sectors at RESEAL_PICO_FLASH_OFFSET",
        [RESEAL_PICO_FLASH_CORE_NOT_READY] =
            "the other core has not called flash_safe_execute_core_init(): call it there, or define "
            "PICO_FLASH_ASSUME_CORE1_SAFE=1 if core 1 is not used",
        [RESEAL_PICO_FLASH_CORE_DID_NOT_STOP] =
            "the other core did not stop within a second: it keeps its interrupts off for too long",
        [RESEAL_PICO_FLASH_NO_MEMORY] = "FreeRTOS has no memory for the task that stops the other core",
        [RESEAL_PICO_FLASH_OTHER] = "flash_safe_execute failed"};
    return texts[last_fault];
}

/* An interrupt may have come in the middle of a call that works on the same sectors. */
static bool carry_out(struct reseal_pico_flash_work work) {
    last_fault = __get_current_exception() != 0 ? RESEAL_PICO_FLASH_IN_INTERRUPT : reseal_pico_flash_carry_out(work);
    return last_fault == RESEAL_PICO_FLASH_FINE;
}

/*
 * Sets *start to the place in flash of `offset` in the two sectors; false if it is outside them or the firmware is
 * there.
 */
static bool locate(const void *context, uint32_t offset, uint32_t size, uint32_t *start) {
    const uint32_t *sectors = context;
    *start = *sectors + offset;
    if ((uintptr_t)&__flash_binary_end > XIP_BASE + RESEAL_PICO_FLASH_OFFSET) {
        last_fault = RESEAL_PICO_FLASH_IN_FIRMWARE;
        return false;
    }
    return offset <= 2 * FLASH_SECTOR_SIZE && size <= 2 * FLASH_SECTOR_SIZE - offset;
}

static bool read(void *context, uint32_t offset, uint8_t *out, uint32_t size) {
    uint32_t start = 0;
    if (!locate(context, offset, size, &start)) {
        return false;
    }
    memcpy(out, (const uint8_t *)(FLASH_AS_IT_IS + start), size);
    return true;
}

static bool program(void *context, uint32_t offset, const uint8_t *data, uint32_t size) {
    uint32_t start = 0;
    bool done = locate(context, offset, size, &start);
    while (done && size > 0) {
        const uint32_t space = FLASH_PAGE_SIZE - start % FLASH_PAGE_SIZE;
        const uint32_t part = size < space ? size : space;
        done = carry_out((struct reseal_pico_flash_work){start, part, data});
        start += part;
        data += part;
        size -= part;
    }
    return done;
}

static bool erase(void *context, uint32_t offset) {
    uint32_t start = 0;
    return locate(context, offset, FLASH_SECTOR_SIZE, &start) &&
           carry_out((struct reseal_pico_flash_work){start, 0, NULL});
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
