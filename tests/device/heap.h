/* SPDX-License-Identifier: Apache-2.0 */
/* The heap that mbedTLS uses, counted. */
#ifndef RESEAL_DEVICE_HEAP_H
#define RESEAL_DEVICE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

void *device_calloc(size_t count, size_t size);
void device_free(void *memory);

/* The most bytes allocated at one time since the last call. Restarts the count. */
size_t device_heap_peak(void);

/* What is allocated from here on does not count, or counts again: a program may contain more than the device. */
void device_heap_counts(bool counts);

#endif
