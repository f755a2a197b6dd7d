/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The link's driver for hosts: libmosquitto 2.0 or later, MQTT 3.1.1 over TCP or TLS.
 *
 *   static struct reseal_mosquitto mosquitto;
 *   const struct reseal_link_driver *driver = reseal_mosquitto_open(&mosquitto, &config);
 *   for (;;) {
 *       reseal_link_step(&link, now_ms);
 *       reseal_mosquitto_wait(&mosquitto, 20);
 *   }
 *
 * To connect, libmosquitto looks up the name and waits for TCP: reseal_link_step can take as long as these do. It sends
 * PUBACK before the application has seen a message. It does not tell a closed connection from one that was reset.
 */
#ifndef RESEAL_LINK_MOSQUITTO_H
#define RESEAL_LINK_MOSQUITTO_H

#include <reseal/link_driver.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mosquitto;
struct reseal_mosquitto_event;

enum { RESEAL_MOSQUITTO_REQUESTS = 32 };

struct reseal_mosquitto_config {
    const char *broker; /* name or address; with TLS the broker's certificate must carry it */
    uint16_t port;
    const char *cafile;   /* PEM; null: no TLS */
    const char *certfile; /* PEM; null: none of our own */
    const char *keyfile;
    /* Whether there is a network; null: there always is. */
    bool (*has_network)(void *context);
    void *context;
};

/* The caller allocates it; treat it as opaque. */
struct reseal_mosquitto {
    struct reseal_mosquitto_config config;
    struct reseal_link_driver driver;
    struct mosquitto *handle;
    struct reseal_mosquitto_event *first; /* that happened and was not told */
    struct reseal_mosquitto_event *told;  /* the last one, whose topic and payload are still valid */
    enum reseal_link_reason tls_fault;    /* as far as libmosquitto's log tells; RESEAL_LINK_FINE: none */
    bool connected;
    bool ended;
    struct {
        int id; /* libmosquitto's; 0: free */
        uint16_t handle;
    } requests[RESEAL_MOSQUITTO_REQUESTS];
};

/* Copies the configuration; its strings must outlive the driver. Null: libmosquitto cannot be used. */
const struct reseal_link_driver *reseal_mosquitto_open(struct reseal_mosquitto *mosquitto,
                                                       const struct reseal_mosquitto_config *config);

/* Waits until something arrives, for at most that many milliseconds. */
void reseal_mosquitto_wait(const struct reseal_mosquitto *mosquitto, int longest_ms);

/* After reseal_link_close. */
void reseal_mosquitto_close(struct reseal_mosquitto *mosquitto);

#ifdef __cplusplus
}
#endif
#endif
