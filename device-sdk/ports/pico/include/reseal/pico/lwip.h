/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a firmware's lwipopts.h: what the link (reseal/pico/mqtt.h) needs of lwIP besides TCP, DNS and a DHCP client.
 * docs/device-sdk.md, "The link", has a whole lwipopts.h.
 */
#ifndef RESEAL_PICO_LWIP_H
#define RESEAL_PICO_LWIP_H

/* lwIP's timers: its own, and one each for DNS and the firmware. */
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 4)

/* With TLS: without this line, a server with any certificate passes as our broker. */
#define ALTCP_MBEDTLS_AUTHMODE MBEDTLS_SSL_VERIFY_REQUIRED

#endif
