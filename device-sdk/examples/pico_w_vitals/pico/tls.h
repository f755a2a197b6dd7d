/* SPDX-License-Identifier: Apache-2.0 */
/* TLS with the device's certificate (tls.c), or no TLS (tls_none.c). */
#ifndef PICO_TLS_H
#define PICO_TLS_H

#include <lwip/apps/mqtt.h>
#include <reseal/settings.h>
#include <stdbool.h>

/*
 * Reads the certificates if the settings require TLS. False if one cannot be used, there is no memory, or this firmware
 * was built without TLS.
 */
bool tls_open(const struct reseal_settings *settings);

/* The next connection uses them. */
void tls_use(struct mqtt_connect_client_info_t *info);

/* Call right after starting the connection: the broker's certificate must carry this name or address. */
bool tls_expect_name(mqtt_client_t *client, const char *name);

#endif
