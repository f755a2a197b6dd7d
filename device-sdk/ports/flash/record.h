/* SPDX-License-Identifier: Apache-2.0 */
/* What all kinds of records share. Numbers have the processor's byte order in flash: no other processor reads them. */
#ifndef RESEAL_FLASH_RECORD_H
#define RESEAL_FLASH_RECORD_H

#include <reseal/flash.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The checksum's initial value: different for each kind, and such that blank flash is not a valid record. */
enum { RESEAL_FLASH_BLOCK = 0x42, RESEAL_FLASH_EPOCH = 0x45, RESEAL_FLASH_SETTINGS = 0x53, RESEAL_FLASH_WINDOW = 0x57 };

/* CRC-32 (the reflected polynomial 0xEDB88320), continued from `sum`. It finds torn records, not forged ones. */
uint32_t reseal_flash_sum(uint32_t sum, const void *data, size_t size);

/* Programs `size` bytes and compares them with what the flash then holds. */
bool reseal_flash_program(const struct reseal_flash *flash, uint32_t offset, const void *data, uint32_t size);

#ifdef __cplusplus
}
#endif
#endif
