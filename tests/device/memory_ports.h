/* SPDX-License-Identifier: Apache-2.0 */
/* A sender's ports for measurements: an epoch in memory, and "random" bytes that are always the same. */
#ifndef RESEAL_TESTS_DEVICE_MEMORY_PORTS_H
#define RESEAL_TESTS_DEVICE_MEMORY_PORTS_H

#include <reseal/sender.h>
#include <string.h>

static enum reseal_status load(void *context, uint32_t *epoch) {
    *epoch = *(uint32_t *)context;
    return RESEAL_OK;
}

static enum reseal_status store(void *context, uint32_t epoch) {
    *(uint32_t *)context = epoch;
    return RESEAL_OK;
}

static bool fill(void *context, uint8_t *out, size_t size) {
    memset(out, *(const uint8_t *)context, size);
    return true;
}

#endif
