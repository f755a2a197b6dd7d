/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reseal's six sectors on a board with MicroPython: below MicroPython's file system (and its ROM file system, if the
 * board has one), above its firmware. ports/pico/flash.c includes it as RESEAL_PICO_FLASH_LAYOUT.
 */
#ifndef RESEAL_MICROPYTHON_FLASH_LAYOUT_H
#define RESEAL_MICROPYTHON_FLASH_LAYOUT_H

#include "py/mpconfig.h"

/* As ports/rp2/rp2_flash.c has it, unless the board says where the file system begins. */
#ifndef MICROPY_HW_FLASH_STORAGE_BASE
#define MICROPY_HW_FLASH_STORAGE_BASE (PICO_FLASH_SIZE_BYTES - MICROPY_HW_FLASH_STORAGE_BYTES)
#endif

#define RESEAL_PICO_FLASH_OFFSET (MICROPY_HW_FLASH_STORAGE_BASE - MICROPY_HW_ROMFS_BYTES - 6 * FLASH_SECTOR_SIZE)

#endif
