/* SPDX-License-Identifier: Apache-2.0 */
/* Writing CBOR (RFC 8949) in its shortest form. Each function returns the position after what it wrote. */
#ifndef RESEAL_CORE_CBOR_H
#define RESEAL_CORE_CBOR_H

#include <reseal/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum reseal_cbor_type {
    RESEAL_CBOR_UINT = 0,
    RESEAL_CBOR_BYTES = 2,
    RESEAL_CBOR_TEXT = 3,
    RESEAL_CBOR_ARRAY = 4,
    RESEAL_CBOR_MAP = 5,
    RESEAL_CBOR_TAG = 6
};

enum { RESEAL_CBOR_NULL = 0xF6, RESEAL_CBOR_HEAD_MAX = 5 };

/* Size in bytes of the head that carries `value`: 1, 2, 3 or 5. */
size_t reseal_cbor_head_size(uint32_t value);

uint8_t *reseal_cbor_head(uint8_t *at, enum reseal_cbor_type type, uint32_t value);

/* The same for a value below 24: one byte, in place. */
static inline uint8_t *reseal_cbor_small(uint8_t *at, enum reseal_cbor_type type, unsigned value) {
    *at = (uint8_t)(((unsigned)type << 5) | value);
    return at + 1;
}

/* Head and content of a byte or text string; content.size fits in 32 bits. */
uint8_t *reseal_cbor_string(uint8_t *at, enum reseal_cbor_type type, struct reseal_bytes content);

/* Bare bytes without a head: a number in `size` bytes, big-endian, and a copy. */
uint8_t *reseal_put_number(uint8_t *at, uint32_t value, size_t size);
uint8_t *reseal_put_bytes(uint8_t *at, const void *data, size_t size);

#ifdef __cplusplus
}
#endif
#endif
