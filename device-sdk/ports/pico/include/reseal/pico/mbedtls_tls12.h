/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TLS 1.2 client that resumes its sessions by ticket, without a key exchange: mbedtls_tls.h adds certificates,
 * mbedtls_psk.h a pre-shared key. Include one of these two instead.
 */
#ifndef RESEAL_PICO_MBEDTLS_TLS12_H
#define RESEAL_PICO_MBEDTLS_TLS12_H

#include <reseal/pico/mbedtls.h>

#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_EXTENDED_MASTER_SECRET
#define MBEDTLS_SSL_ENCRYPT_THEN_MAC
#define MBEDTLS_SSL_SESSION_TICKETS

/* An incoming TLS record has up to 16 KiB: the broker's OpenSSL decides. Outgoing: an MQTT packet or a certificate. */
#define MBEDTLS_SSL_IN_CONTENT_LEN 16384
#define MBEDTLS_SSL_OUT_CONTENT_LEN 2048

/* lwIP's altcp_tls is compiled only with certificates, and they only with a curve, even if none is used. */
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
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
