/* SPDX-License-Identifier: Apache-2.0 */
#include "led.h"

/* Sixteen steps of 125 ms, the lowest bit first. */
static const uint16_t patterns[] = {
    [LED_SETUP] = 0x00FF, [LED_JOINING] = 0x0001, [LED_CONNECTING] = 0x0005, [LED_REFUSED] = 0x0015,
    [LED_FAULT] = 0x0155, [LED_ONLINE] = 0xFFFF,  [LED_IDENTIFY] = 0x5555,
};

bool led_is_on(enum led_pattern pattern, uint32_t now_ms) {
    return (patterns[pattern] >> (now_ms / 125 % 16) & 1) != 0;
}
