/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LWIP_TEST_CC_H
#define LWIP_TEST_CC_H

#include <stdio.h>
#include <stdlib.h>

#define LWIP_RAND() ((u32_t)rand())
#define LWIP_PLATFORM_DIAG(text) ((void)0)
/* A broken promise of lwIP's fails the test. */
#define LWIP_PLATFORM_ASSERT(text)                         \
    do {                                                   \
        (void)fprintf(stderr, "lwIP asserts: %s\n", text); \
        abort();                                           \
    } while (0)

#endif
