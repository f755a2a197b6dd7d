/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a firmware's mbedtls_config.h: TLS 1.2 with the device's certificate, ECDHE-ECDSA on P-256 as `provision` makes
 * them, and what Reseal itself uses: 76 KB of flash in all. The whole file is then
 *
 *   #include <reseal/pico/mbedtls_tls.h>
 *
 * Certificates' dates are not checked (no MBEDTLS_HAVE_TIME_DATE): a Pico has no clock that survives a loss of power.
 * The broker checks the dates of the device's certificate.
 */
#ifndef RESEAL_PICO_MBEDTLS_TLS_H
#define RESEAL_PICO_MBEDTLS_TLS_H

#include <reseal/pico/mbedtls.h>

#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_ENCRYPT_THEN_MAC
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED

/* An incoming TLS record has up to 16 KiB: the broker's OpenSSL decides. Outgoing: an MQTT packet or a certificate. */
#define MBEDTLS_SSL_IN_CONTENT_LEN 16384
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_HMAC_DRBG_C
#define MBEDTLS_SHA224_C
#define MBEDTLS_SHA512_C

#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_BASE64_C
#define MBEDTLS_OID_C
#define MBEDTLS_PEM_PARSE_C
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C

/* Random numbers: CTR-DRBG, seeded by pico_mbedtls's mbedtls_hardware_poll, which asks pico_rand. */
#define MBEDTLS_ENTROPY_C
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_NO_PLATFORM_ENTROPY
#define MBEDTLS_ENTROPY_HARDWARE_ALT

/* What lwIP's altcp_tls needs: it accesses mbedTLS 3's structures and a session's start time. */
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_PLATFORM_MS_TIME_ALT /* milliseconds since the start, in ports/pico */

#endif
