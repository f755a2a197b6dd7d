/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a firmware's mbedtls_config.h: TLS 1.2 with the device's certificate, ECDHE-ECDSA on P-256 as `provision` makes
 * them, resumed by ticket, and what Reseal itself uses: 76 KB of flash in all. The whole file is then
 *
 *   #include <reseal/pico/mbedtls_tls.h>
 *
 * Certificates' dates are not checked (no MBEDTLS_HAVE_TIME_DATE): a Pico has no clock that survives a loss of power.
 * The broker checks the dates of the device's certificate.
 */
#ifndef RESEAL_PICO_MBEDTLS_TLS_H
#define RESEAL_PICO_MBEDTLS_TLS_H

#include <reseal/pico/mbedtls_tls12.h>

#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_SHA224_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_PEM_PARSE_C

#endif
