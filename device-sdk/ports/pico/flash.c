/* SPDX-License-Identifier: Apache-2.0 */
#include <hardware/flash.h>
#include <pico/flash.h>
#include <string.h>

#include "stores.h"

enum {
    LEFT_ALONE = 3 * FLASH_SECTOR_SIZE, /* see pico.h */
    TAKEN = 6 * FLASH_SECTOR_SIZE,
    PATIENCE_MS = 1000 /* for the other core to stand still */
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

/* What went wrong at the last write. */
enum fault { NONE, IN_INTERRUPT, IN_FIRMWARE, CORE_NOT_READY, CORE_DID_NOT_STOP, NO_MEMORY, OTHER };
static enum fault last_fault = NONE;

static bool fail(enum fault fault) {
    last_fault = fault;
    return false;
}

const char *reseal_pico_flash_error(void) {
    static const char *const texts[] = {
        [NONE] = "the port refused nothing: the flash does not keep what is written to it",
        [IN_INTERRUPT] = "the flash was used in an interrupt: call the SDK from the main loop",
        [IN_FIRMWARE] = "the firmware reaches into the sectors at RESEAL_PICO_FLASH_OFFSET",
        [CORE_NOT_READY] =
            "the other core has not called flash_safe_execute_core_init(): call it there, or define "
            "PICO_FLASH_ASSUME_CORE1_SAFE=1 if core 1 is not used",
        [CORE_DID_NOT_STOP] = "the other core did not stop within a second: it keeps its interrupts off for too long",
        [NO_MEMORY] = "FreeRTOS has no memory for the task that stops the other core",
        [OTHER] = "flash_safe_execute failed"};
    return texts[last_fault];
}

struct work {
    uint32_t start; /* in bytes from the start of the flash */
    uint32_t size;  /* 0: erase the sector; else the bytes do not cross a page */
    const uint8_t *data;
};

/*
 * flash_safe_execute calls it while nothing else runs: so the page, static to spare the stack, is in use once at a
 * time. One write is a page of 256 bytes; ones leave the flash as it is.
 */
static void carry_out(void *context) {
    static uint8_t page[FLASH_PAGE_SIZE];
    const struct work *work = context;
    if (work->size == 0) {
        flash_range_erase(work->start, FLASH_SECTOR_SIZE);
        return;
    }
    const uint32_t inside = work->start % FLASH_PAGE_SIZE;
    memset(page, 0xFF, sizeof page);
    memcpy(page + inside, work->data, work->size);
    flash_range_program(work->start - inside, page, FLASH_PAGE_SIZE);
    reseal_wipe(page, sizeof page);
}

static enum fault fault_of(int result) {
    switch (result) {
        case PICO_ERROR_NOT_PERMITTED:
            return CORE_NOT_READY;
        case PICO_ERROR_TIMEOUT:
            return CORE_DID_NOT_STOP;
        case PICO_ERROR_INSUFFICIENT_RESOURCES:
            return NO_MEMORY;
        default:
            return OTHER;
    }
}

/* An interrupt may have come in the middle of a call that works on the same sectors. */
static bool carry_out_safely(struct work work) {
    if (__get_current_exception() != 0) {
        return fail(IN_INTERRUPT);
    }
    const int result = flash_safe_execute(carry_out, &work, PATIENCE_MS);
    last_fault = result == PICO_OK ? NONE : fault_of(result);
    return result == PICO_OK;
}

/*
 * Sets *start to the place in flash of `offset` in the two sectors; false if it is outside them or the firmware is
 * there.
 */
static bool locate(const void *context, uint32_t offset, uint32_t size, uint32_t *start) {
    const uint32_t *sectors = context;
    *start = *sectors + offset;
    if ((uintptr_t)&__flash_binary_end > XIP_BASE + RESEAL_PICO_FLASH_OFFSET) {
        return fail(IN_FIRMWARE);
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
        done = carry_out_safely((struct work){start, part, data});
        start += part;
        data += part;
        size -= part;
    }
    return done;
}

static bool erase(void *context, uint32_t offset) {
    uint32_t start = 0;
    return locate(context, offset, FLASH_SECTOR_SIZE, &start) && carry_out_safely((struct work){start, 0, NULL});
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
