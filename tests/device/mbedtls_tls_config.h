/* SPDX-License-Identifier: Apache-2.0 */
/* What reseal/pico/mbedtls_tls.h and mbedtls_psk.h make of mbedTLS, and a server for both. */
#ifndef RESEAL_DEVICE_MBEDTLS_TLS_CONFIG_H
#define RESEAL_DEVICE_MBEDTLS_TLS_CONFIG_H

#include <limits.h> /* mbedTLS 2.28 expects it of a configuration */
#include <reseal/pico/mbedtls_psk.h>
#include <reseal/pico/mbedtls_tls.h>

#define MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED /* to compare */

/* The server. */
#define MBEDTLS_SSL_SRV_C
#define MBEDTLS_SSL_CACHE_C
#define MBEDTLS_SSL_TICKET_C

/* The emulated board has no clock. */
#undef MBEDTLS_HAVE_TIME
#undef MBEDTLS_PLATFORM_MS_TIME_ALT

#include "heap.h"
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_PLATFORM_CALLOC_MACRO device_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO device_free

#endif
