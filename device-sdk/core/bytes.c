/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/bytes.h>
#include <string.h>

/* As far as the compiler knows, the empty statement may read the memory, so it cannot drop the zeros. */
void reseal_wipe(void *memory, size_t size) {
    if (size > 0) {
        memset(memory, 0, size);
        __asm__ __volatile__("" : : "r"(memory) : "memory");
    }
}

bool reseal_equal(const void *a, const void *b, size_t size) {
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    unsigned difference = 0;
    for (size_t i = 0; i < size; i++) {
        difference |= (unsigned)(left[i] ^ right[i]);
    }
    return difference == 0;
}
