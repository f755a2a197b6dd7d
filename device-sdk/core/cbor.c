/* SPDX-License-Identifier: Apache-2.0 */
#include "cbor.h"

#include <string.h>

enum { IN_HEAD_MAX = 23, FOLLOWED_BY_1 = 24, FOLLOWED_BY_2 = 25, FOLLOWED_BY_4 = 26 };

size_t reseal_cbor_head_size(uint32_t value) {
    if (value <= IN_HEAD_MAX) {
        return 1;
    }
    if (value <= UINT8_MAX) {
        return 2;
    }
    return value <= UINT16_MAX ? 3 : RESEAL_CBOR_HEAD_MAX;
}

uint8_t *reseal_cbor_head(uint8_t *at, enum reseal_cbor_type type, uint32_t value) {
    static const uint8_t followed_by[] = {0, FOLLOWED_BY_1, FOLLOWED_BY_2, 0, FOLLOWED_BY_4};
    const size_t following = reseal_cbor_head_size(value) - 1;
    const uint32_t low_bits = following == 0 ? value : followed_by[following];
    *at++ = (uint8_t)(((uint32_t)type << 5) | low_bits);
    return reseal_put_number(at, value, following);
}

uint8_t *reseal_cbor_string(uint8_t *at, enum reseal_cbor_type type, struct reseal_bytes content) {
    at = reseal_cbor_head(at, type, (uint32_t)content.size);
    return reseal_put_bytes(at, content.data, content.size);
}

uint8_t *reseal_put_number(uint8_t *at, uint32_t value, size_t size) {
    for (size_t left = size; left > 0; left--) {
        *at++ = (uint8_t)(value >> (8 * (left - 1)));
    }
    return at;
}

uint8_t *reseal_put_bytes(uint8_t *at, const void *data, size_t size) {
    if (size > 0) {
        memcpy(at, data, size);
    }
    return at + size;
}
