/* SPDX-License-Identifier: Apache-2.0 */
/* One write to the flash that the program runs from. MicroPython has another way to it than the Pico SDK. */
#ifndef RESEAL_PICO_FLASH_ACCESS_H
#define RESEAL_PICO_FLASH_ACCESS_H

#include <stdbool.h> /* NOLINT(modernize-deprecated-headers): this is C */
#include <stdint.h>  /* NOLINT(modernize-deprecated-headers): this is C */

struct reseal_pico_flash_work {
    uint32_t start;      /* in bytes from the start of the flash; that of a page or of a sector */
    const uint8_t *page; /* FLASH_PAGE_SIZE bytes in RAM; null: erase the sector */
};

/* Carries it out while nothing else reads the flash. False if that cannot be had; then nothing was written. */
bool reseal_pico_flash_carry_out(struct reseal_pico_flash_work work);

#endif
