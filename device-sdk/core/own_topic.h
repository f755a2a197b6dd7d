/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The topics that the broker reserves for one device: "$reseal/", the principal, and the purpose. Not part of the API.
 */
#ifndef RESEAL_CORE_OWN_TOPIC_H
#define RESEAL_CORE_OWN_TOPIC_H

#include <reseal/device.h>
#include <string.h>

enum { RESEAL_OWN_LEVEL_SIZE = 5 }; /* "/key" or "/ack", and a NUL */

/* Writes an empty string if the device is null or closed. */
static inline void reseal_own_topic(const struct reseal_device *device, const char level[RESEAL_OWN_LEVEL_SIZE],
                                    char *out) {
    out[0] = '\0';
    if (device != NULL && device->receiver.opened) {
        static const char before[] = {'$', 'r', 'e', 's', 'e', 'a', 'l', '/'};
        const char *principal = device->receiver.credentials.principal;
        const size_t size = strlen(principal);
        memcpy(out, before, sizeof before);
        memcpy(out + sizeof before, principal, size + 1);
        memcpy(out + sizeof before + size, level, RESEAL_OWN_LEVEL_SIZE);
    }
}

#endif
