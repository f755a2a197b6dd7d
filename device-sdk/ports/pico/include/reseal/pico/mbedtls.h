/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a firmware's mbedtls_config.h: what Reseal uses of mbedTLS 2.28 or 3.6, 25 KB of flash. With a sealed CONNECT
 * instead of TLS nothing else is needed. The whole file is then
 *
 *   #include <reseal/pico/mbedtls.h>
 */
#ifndef RESEAL_PICO_MBEDTLS_H
#define RESEAL_PICO_MBEDTLS_H

#define MBEDTLS_AES_C
#define MBEDTLS_AES_ROM_TABLES /* 8 KiB of flash instead of RAM */
#define MBEDTLS_CCM_C          /* AES-CCM-16-128-128, which `provision add` gives, and -256 */
#define MBEDTLS_GCM_C          /* A128GCM, A256GCM */
#define MBEDTLS_CHACHA20_C     /* the three for ChaCha20/Poly1305 */
#define MBEDTLS_POLY1305_C
#define MBEDTLS_CHACHAPOLY_C
#define MBEDTLS_CIPHER_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_HKDF_C

#endif
