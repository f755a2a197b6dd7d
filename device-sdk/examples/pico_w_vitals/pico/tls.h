/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a connection to the broker goes through: TLS with the device's certificate (tls.c), TLS with a key derived from
 * the device's own (tls_psk.c), or no TLS (tls_none.c). Where there is TLS, a session is resumed.
 */
#ifndef PICO_TLS_H
#define PICO_TLS_H

#include <lwip/apps/mqtt.h>
#include <reseal/connect.h>
#include <reseal/settings.h>
#include <stdbool.h>

/* The kind of listener that the device proves its key to. */
enum reseal_listener tls_listener(const struct reseal_settings *settings);

/*
 * Reads the certificates if the settings require them. `settings` must stay; its credentials may change. False if a
 * certificate cannot be used, there is no memory, or this firmware was built without certificates.
 */
bool tls_open(const struct reseal_settings *settings);

/* The next connection uses TLS, under the settings' present key. Call it while there is no connection. False if it
 * cannot. */
bool tls_use(struct mqtt_connect_client_info_t *info);

/* Call right after starting the connection: the other side must prove that it is the broker that the settings name. */
bool tls_expect_broker(mqtt_client_t *client);

/* Call once the broker has accepted the client: the next connection costs little. */
void tls_keep_session(mqtt_client_t *client);

#endif
