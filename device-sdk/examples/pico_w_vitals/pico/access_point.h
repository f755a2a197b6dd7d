/* SPDX-License-Identifier: Apache-2.0 */
/* The device's own Wi-Fi in configuration mode: 192.168.4.1, with a DHCP server. It is open: the secrets are sealed. */
#ifndef PICO_ACCESS_POINT_H
#define PICO_ACCESS_POINT_H

#include <stdbool.h>

/* Its name is "Reseal " and the last four digits of the board's id. False if there is no memory. */
bool access_point_open(void);

void access_point_close(void);

#endif
