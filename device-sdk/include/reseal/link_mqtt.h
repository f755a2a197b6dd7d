/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a driver over a stream of bytes (reseal/link_driver.h): an MQTT 3.1.1 client's side of one connection, as bytes
 * in and bytes out, without socket, clock or heap. It publishes and subscribes at QoS 1 and takes QoS 0 and 1. It
 * survives packets of any size, split anywhere: what does not fit is skipped, acknowledged and reported. Anything that
 * a broker may not send ends the connection.
 */
#ifndef RESEAL_LINK_MQTT_H
#define RESEAL_LINK_MQTT_H

#include <reseal/link_driver.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_MQTT_KEEPALIVE_S = 30, /* the broker gives up after one and a half of it */
    RESEAL_MQTT_PING_MS = 20000,  /* since the last packet out */
    RESEAL_MQTT_SILENCE_MS = 45000,
    RESEAL_MQTT_RESERVE = 64, /* bytes of the output that PUBLISH leaves for PUBACK and PINGREQ */
    RESEAL_MQTT_BODY_MAX = 3  /* of a packet other than PUBLISH */
};

/* Which part of a packet comes next. */
enum reseal_mqtt_phase {
    RESEAL_MQTT_TYPE,
    RESEAL_MQTT_LENGTH,
    RESEAL_MQTT_BODY,
    RESEAL_MQTT_TOPIC_SIZE,
    RESEAL_MQTT_TOPIC,
    RESEAL_MQTT_ID,
    RESEAL_MQTT_PAYLOAD
};

/* The caller allocates it. Outside the functions below it may read `out`. */
struct reseal_mqtt {
    struct reseal_buffer out; /* the caller's memory; `size` bytes wait to be sent */
    struct reseal_buffer in;  /* the caller's memory for a payload */
    enum reseal_mqtt_phase phase;
    uint8_t first;        /* byte of the packet */
    uint8_t length_shift; /* bits of the remaining length so far */
    uint32_t left;        /* bytes of the packet that are still to come */
    uint8_t body[RESEAL_MQTT_BODY_MAX];
    uint8_t body_size;
    uint16_t topic_left;
    size_t topic_size;
    char topic[RESEAL_DEVICE_TOPIC_MAX + 1];
    bool too_large;
    uint8_t id_bytes; /* still to come */
    uint16_t id;
    uint16_t to_acknowledge; /* the message that was given out last; 0: none */
    bool connected;
    uint32_t sent_ms;
    uint32_t received_ms;
};

/* Starts with CONNECT in the output. False: it does not fit. */
bool reseal_mqtt_open(struct reseal_mqtt *mqtt, struct reseal_buffer in, struct reseal_buffer out,
                      const struct reseal_link_login *login, uint32_t now_ms);

/* Puts a PUBLISH at QoS 1 into the output; the message need not outlive the call. */
enum reseal_link_sent reseal_mqtt_publish(struct reseal_mqtt *mqtt, uint16_t id, const struct reseal_message *message);

/* False: no room now. */
bool reseal_mqtt_subscribe(struct reseal_mqtt *mqtt, uint16_t id, const char *filter);

/*
 * Reads from `bytes` until they end or there is an event. Sets *taken; returns whether there is an event. The message
 * of RESEAL_LINK_EVENT_RECEIVED is acknowledged by the next call, which nothing but that may precede: a device that
 * dies over it gets it again. After LOST nothing more is read.
 */
bool reseal_mqtt_take(struct reseal_mqtt *mqtt, struct reseal_bytes bytes, uint32_t now_ms, size_t *taken,
                      struct reseal_link_event *event);

/* PINGREQ if it is due. False: the broker has been silent for too long. */
bool reseal_mqtt_tend(struct reseal_mqtt *mqtt, uint32_t now_ms);

/* The first `size` bytes of the output are sent, or given to TCP: moves the others to the front. */
void reseal_mqtt_sent(struct reseal_mqtt *mqtt, size_t size, uint32_t now_ms);

#ifdef __cplusplus
}
#endif
#endif
