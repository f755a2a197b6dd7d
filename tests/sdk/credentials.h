/* SPDX-License-Identifier: Apache-2.0 */
/* What `provision export ID --format c-header` writes, with a key for tests. */
#ifndef RESEAL_CREDENTIALS_PICO1_H
#define RESEAL_CREDENTIALS_PICO1_H

#include <reseal/key.h>

static const struct reseal_credentials reseal_device_credentials = {
    30,                                         /* AES-CCM-16-128-128 */
    {0x72, 0x65, 0x73, 0x65, 0x61, 0x6c, 0x31}, /* key id */
    "ward-7",                                   /* realm */
    {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11,
     0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20}, /* master secret */
    "pico1"                                                                                     /* principal */
};

#endif
