/* SPDX-License-Identifier: Apache-2.0 */
/* What the LED shows: a pattern of 2 seconds for each state. */
#ifndef VITALS_LED_H
#define VITALS_LED_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum led_pattern {
    LED_SETUP,      /* one second on, one off: configuration mode */
    LED_JOINING,    /* one flash: joins the Wi-Fi */
    LED_CONNECTING, /* two flashes: connects to the broker */
    LED_REFUSED,    /* three flashes: the broker refused this device */
    LED_FAULT,      /* five flashes: the device cannot seal: flash, credentials or random source failed */
    LED_ONLINE,     /* on */
    LED_IDENTIFY    /* blinks fast */
};

/* Whether the LED is on at this moment. */
bool led_is_on(enum led_pattern pattern, uint32_t now_ms);

#ifdef __cplusplus
}
#endif
#endif
