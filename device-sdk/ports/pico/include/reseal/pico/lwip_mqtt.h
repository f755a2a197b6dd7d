/*
 * For a firmware's lwipopts.h: what lwIP's MQTT client needs for sealed messages. Its own values, 256 and 128 bytes and
 * 4 requests, are too small: a PUBLISH that does not fit is never sent, one that arrives ends the connection.
 */
#ifndef RESEAL_PICO_LWIP_MQTT_H
#define RESEAL_PICO_LWIP_MQTT_H

/*
 * Holds whole packets that go out until TCP has taken them, so at least the largest of
 *   CONNECT   19 + client id (64) + user name (64) + password (75): 222 bytes
 *   PUBLISH   7 + topic (128) + plaintext + 56
 *   SUBSCRIBE 7 + topic (128)
 * 2,048 bytes take four readings of 300 bytes at once, so that a queue empties fast after an outage.
 */
#define MQTT_OUTPUT_RINGBUF_SIZE 2048

/*
 * Holds the start of a packet that comes in: 9 + topic (128). What is behind it comes to the callback in parts, which a
 * firmware puts together: reseal_device_receive takes a whole message.
 */
#define MQTT_VAR_HEADER_BUFFER_LEN 256

/* SUBSCRIBE and unacknowledged PUBLISH packets at the same time. */
#define MQTT_REQ_MAX_IN_FLIGHT 10

/* lwIP's timers: its own, and one each for the MQTT client, DNS and what the firmware does. */
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 4)

/* With TLS: without this line a broker with any certificate is taken for ours. */
#define ALTCP_MBEDTLS_AUTHMODE MBEDTLS_SSL_VERIFY_REQUIRED

#endif
