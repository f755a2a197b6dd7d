/* SPDX-License-Identifier: Apache-2.0 */
/* mbedTLS as a small device needs it for the protocol alone: the algorithms, with tables in flash. */
#ifndef RESEAL_DEVICE_MBEDTLS_CONFIG_H
#define RESEAL_DEVICE_MBEDTLS_CONFIG_H

#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_CCM_C
#define MBEDTLS_GCM_C
#define MBEDTLS_CHACHA20_C
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_HKDF_C

/* So that its use of the heap can be measured. */
#include "heap.h"
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO device_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO device_free

#endif
