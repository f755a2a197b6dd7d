/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lwIP's MQTT client, as board.h requires it. All of it runs in the main loop: lwIP's callbacks run inside
 * cyw43_arch_poll, and call the application.
 */
#ifndef PICO_MQTT_LINK_H
#define PICO_MQTT_LINK_H

#include <reseal/settings.h>

#include "app/vitals.h"

/* Once, after the network is initialised. False if there is no memory, or a certificate cannot be used. */
bool mqtt_link_open(const struct reseal_settings *settings, struct vitals *vitals);

/* After each cyw43_arch_poll: reports what could not be reported from inside a call of the application. */
void mqtt_link_step(void);

void mqtt_link_connect(const char *client_id, const char *password);
bool mqtt_link_publish(const struct reseal_message *message, uint32_t number);
bool mqtt_link_subscribe(const char *filter);
void mqtt_link_disconnect(void);

#endif
