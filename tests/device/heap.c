/* SPDX-License-Identifier: Apache-2.0 */
#include "heap.h"

#include <stdlib.h>

enum { ALIGNED = 8 };

static size_t used;
static size_t peak;
static bool ignored;

/* What counts of the size is stored before the memory. */
void *device_calloc(size_t count, size_t size) {
    const size_t bytes = count * size;
    char *memory = calloc(1, bytes + ALIGNED);
    if (memory == NULL) {
        return NULL;
    }
    const size_t counted = ignored ? 0 : bytes;
    *(size_t *)(void *)memory = counted;
    used += counted;
    peak = used > peak ? used : peak;
    return memory + ALIGNED;
}

void device_free(void *memory) {
    if (memory != NULL) {
        char *start = (char *)memory - ALIGNED;
        used -= *(size_t *)(void *)start;
        free(start);
    }
}

size_t device_heap_peak(void) {
    const size_t result = peak;
    peak = used;
    return result;
}

void device_heap_counts(bool counts) {
    ignored = !counts;
}
