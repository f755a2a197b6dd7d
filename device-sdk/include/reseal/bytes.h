/* SPDX-License-Identifier: Apache-2.0 */
/* Pointer and length, always together. */
#ifndef RESEAL_BYTES_H
#define RESEAL_BYTES_H

#include <stdbool.h> /* NOLINT(modernize-deprecated-headers): this is C */
#include <stddef.h>  /* NOLINT(modernize-deprecated-headers): this is C */
#include <stdint.h>  /* NOLINT(modernize-deprecated-headers): this is C */

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed bytes to read; `data` may be null when `size` is 0. */
struct reseal_bytes {
    const uint8_t *data;
    size_t size;
};

/* The caller's memory to write into. `size` is the number of bytes written: 0 unless the call returned RESEAL_OK. */
struct reseal_buffer {
    uint8_t *data;
    size_t capacity;
    size_t size;
};

/* Sets `size` bytes to zero in a way the compiler does not remove. */
void reseal_wipe(void *memory, size_t size);

/* Compares in time that depends only on `size`. */
bool reseal_equal(const void *a, const void *b, size_t size);

#ifdef __cplusplus
}
#endif
#endif
