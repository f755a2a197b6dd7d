/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a firmware's lwipopts.h: what lwIP's MQTT client needs for sealed messages. lwIP's defaults, 256 and 128 bytes
 * and 4 requests, are too small: an outgoing PUBLISH that does not fit is never sent, and an incoming one ends the
 * connection.
 */
#ifndef RESEAL_PICO_LWIP_MQTT_H
#define RESEAL_PICO_LWIP_MQTT_H

/*
 * Holds whole outgoing packets until TCP has taken them. It needs at least the largest of
 *   CONNECT   19 + client id (64) + user name (64) + password (75): 222 bytes
 *   PUBLISH   7 + topic (128) + plaintext + 56
 *   SUBSCRIBE 7 + topic (128)
 * 2,048 bytes take four readings of 300 bytes at once, so that a queue empties fast after an outage.
 */
#define MQTT_OUTPUT_RINGBUF_SIZE 2048

/*
 * Holds the start of an incoming packet: 9 + topic (128). The rest reaches the callback in parts. The firmware must put
 * them together: reseal_device_receive takes a whole message.
 */
#define MQTT_VAR_HEADER_BUFFER_LEN 256

/* SUBSCRIBE and unacknowledged PUBLISH packets at the same time. */
#define MQTT_REQ_MAX_IN_FLIGHT 10

/* lwIP's timers: its own, and one each for the MQTT client, DNS and the firmware. */
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 4)

/* With TLS: without this line, a server with any certificate passes as our broker. */
#define ALTCP_MBEDTLS_AUTHMODE MBEDTLS_SSL_VERIFY_REQUIRED

#endif
