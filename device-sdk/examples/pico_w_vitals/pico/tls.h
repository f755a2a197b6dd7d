/* TLS with the device's certificate, or none of it: tls.c or tls_none.c. */
#ifndef PICO_TLS_H
#define PICO_TLS_H

#include <lwip/apps/mqtt.h>
#include <reseal/settings.h>
#include <stdbool.h>

/*
 * Reads the certificates, where the settings want TLS. False if one cannot be used, there is no memory, or this
 * firmware was built without TLS.
 */
bool tls_open(const struct reseal_settings *settings);

/* The connection that is to be made uses them. */
void tls_use(struct mqtt_connect_client_info_t *info);

/* Right after the connection was begun: the broker's certificate must bear this name or address. */
bool tls_expect_name(mqtt_client_t *client, const char *name);

#endif
