/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

uint32_t reseal_flash_sum(uint32_t sum, const void *data, size_t size) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            sum = (sum >> 1) ^ (UINT32_C(0xEDB88320) & (0U - (sum & 1U)));
        }
    }
    return sum;
}

bool reseal_flash_program(const struct reseal_flash *flash, uint32_t offset, const void *data, uint32_t size) {
    const uint8_t *bytes = data;
    bool same = flash->program(flash->context, offset, bytes, size);
    for (uint32_t i = 0; same && i < size; i++) {
        uint8_t found = 0;
        same = flash->read(flash->context, offset + i, &found, 1) && found == bytes[i];
    }
    return same;
}
