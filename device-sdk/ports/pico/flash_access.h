/* SPDX-License-Identifier: Apache-2.0 */
/* One write to the flash that the program runs from. MicroPython has another way to it than the Pico SDK. */
#ifndef RESEAL_PICO_FLASH_ACCESS_H
#define RESEAL_PICO_FLASH_ACCESS_H

#include <hardware/flash.h>
#include <stdint.h> /* NOLINT(modernize-deprecated-headers): this is C */
#include <string.h> /* NOLINT(modernize-deprecated-headers): this is C */

struct reseal_pico_flash_work {
    uint32_t start; /* in bytes from the start of the flash */
    uint32_t size;  /* 0: erase the sector that begins there; else the bytes do not cross a page */
    const uint8_t *data;
};

enum reseal_pico_flash_fault {
    RESEAL_PICO_FLASH_FINE,
    RESEAL_PICO_FLASH_IN_INTERRUPT,
    RESEAL_PICO_FLASH_IN_FIRMWARE,
    RESEAL_PICO_FLASH_CORE_NOT_READY,
    RESEAL_PICO_FLASH_CORE_DID_NOT_STOP,
    RESEAL_PICO_FLASH_NO_MEMORY,
    RESEAL_PICO_FLASH_OTHER
};

/* Carries it out while nothing else runs. Unless RESEAL_PICO_FLASH_FINE, nothing was written. Not in an interrupt. */
enum reseal_pico_flash_fault reseal_pico_flash_carry_out(struct reseal_pico_flash_work work);

/* Fills the page that the bytes are in, and answers where it begins: ones leave the flash as it is. */
static inline uint32_t reseal_pico_flash_fill(const struct reseal_pico_flash_work *work,
                                              uint8_t page[FLASH_PAGE_SIZE]) {
    const uint32_t inside = work->start % FLASH_PAGE_SIZE;
    memset(page, 0xFF, FLASH_PAGE_SIZE);
    memcpy(page + inside, work->data, work->size);
    return work->start - inside;
}

#endif
