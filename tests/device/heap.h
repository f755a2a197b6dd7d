/* SPDX-License-Identifier: Apache-2.0 */
/* The heap that mbedTLS uses, counted. */
#ifndef RESEAL_DEVICE_HEAP_H
#define RESEAL_DEVICE_HEAP_H

#include <stddef.h>

void *device_calloc(size_t count, size_t size);
void device_free(void *memory);

/* The most bytes allocated at one time since the last call. Restarts the count. */
size_t device_heap_peak(void);

#endif
