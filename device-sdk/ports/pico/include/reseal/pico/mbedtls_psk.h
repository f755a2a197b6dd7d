/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a firmware's mbedtls_config.h: TLS 1.2 with a pre-shared key (reseal/psk.h), resumed by ticket, and what Reseal
 * itself uses. The whole file is then
 *
 *   #include <reseal/pico/mbedtls_psk.h>
 *
 * The handshake is without Diffie-Hellman: whoever learns the device's key can read what was recorded. Sealed payloads
 * are no different.
 */
#ifndef RESEAL_PICO_MBEDTLS_PSK_H
#define RESEAL_PICO_MBEDTLS_PSK_H

#include <reseal/pico/mbedtls_tls12.h>

#define MBEDTLS_KEY_EXCHANGE_PSK_ENABLED

#endif
