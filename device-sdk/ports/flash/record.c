#include "record.h"

enum { CHUNK = 16 };

uint32_t reseal_flash_sum(uint32_t sum, const uint8_t *data, size_t size) {
    for (size_t i = 0; i < size; i++) {
        sum ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            sum = (sum >> 1) ^ (UINT32_C(0xEDB88320) & (0U - (sum & 1U)));
        }
    }
    return sum;
}

uint32_t reseal_flash_number(const uint8_t *at) {
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void reseal_flash_put(uint8_t *at, uint32_t number) {
    for (unsigned i = 0; i < sizeof number; i++) {
        at[i] = (uint8_t)(number >> (8 * i));
    }
}

bool reseal_flash_program(const struct reseal_flash *flash, uint32_t offset, const uint8_t *data, uint32_t size) {
    if (!flash->program(flash->context, offset, data, size)) {
        return false;
    }
    uint8_t found[CHUNK];
    for (uint32_t at = 0; at < size; at += CHUNK) {
        const uint32_t part = size - at < CHUNK ? size - at : CHUNK;
        if (!flash->read(flash->context, offset + at, found, part) || !reseal_equal(found, data + at, part)) {
            return false;
        }
    }
    return true;
}
