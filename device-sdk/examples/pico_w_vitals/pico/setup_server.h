/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration mode's HTTP server on lwIP's raw TCP: connections to and from reseal/setup.h. */
#ifndef PICO_SETUP_SERVER_H
#define PICO_SETUP_SERVER_H

#include <reseal/setup.h>

/* Serves `setup`, which must stay, on port 80 of the access point. False if there is no memory. */
bool setup_server_open(struct reseal_setup *setup);

/* Call it a few times a second: `milliseconds` have passed since the last call. */
void setup_server_step(uint32_t milliseconds);

#endif
