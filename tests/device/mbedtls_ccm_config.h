/* SPDX-License-Identifier: Apache-2.0 */
/* The least mbedTLS that a device with AES-CCM can have. */
#ifndef RESEAL_DEVICE_MBEDTLS_CCM_CONFIG_H
#define RESEAL_DEVICE_MBEDTLS_CCM_CONFIG_H

#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES
#define MBEDTLS_CCM_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_HKDF_C

#include "heap.h"
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO device_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO device_free

#endif
