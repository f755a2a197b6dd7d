/* SPDX-License-Identifier: Apache-2.0 */
#include "page_tail.h"

enum { BLOCK_HEAD = 5 };

/* Bit by bit: it covers only about a hundred bytes. */
static uint32_t crc32_of(uint32_t crc, const uint8_t *data, size_t size) {
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((0U - (crc & 1U)) & 0xEDB88320U);
        }
    }
    return ~crc;
}

static uint8_t *put_little_endian(uint8_t *at, uint32_t value, size_t size) {
    for (size_t i = 0; i < size; i++) {
        *at++ = (uint8_t)(value >> (8 * i));
    }
    return at;
}

static uint8_t *put_text(uint8_t *at, const char *text) {
    while (*text != '\0') {
        *at++ = (uint8_t)*text++;
    }
    return at;
}

static uint8_t *put_hex(uint8_t *at, const uint8_t *data, size_t size) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        *at++ = (uint8_t)digits[data[i] >> 4];
        *at++ = (uint8_t)digits[data[i] & 15];
    }
    return at;
}

size_t reseal_page_tail(const struct reseal_setup_page *page, const uint8_t challenge[RESEAL_SETUP_CHALLENGE_SIZE],
                        uint8_t tries, uint8_t *out) {
    uint8_t *const text = out + BLOCK_HEAD;
    uint8_t *at = put_text(text, "<data id=\"device\" value=\"");
    at = put_hex(at, challenge, RESEAL_SETUP_CHALLENGE_SIZE);
    at = put_text(at, "\" data-tries=\"");
    *at++ = (uint8_t)('0' + tries);
    at = put_text(at, "\"></data>\n");
    const size_t size = (size_t)(at - text);
    out[0] = 1; /* the last block, stored */
    put_little_endian(out + 1, (uint32_t)size, 2);
    put_little_endian(out + 3, ~(uint32_t)size, 2);
    at = put_little_endian(at, crc32_of(page->crc, text, size), 4);
    at = put_little_endian(at, page->size + (uint32_t)size, 4);
    return (size_t)(at - out);
}
