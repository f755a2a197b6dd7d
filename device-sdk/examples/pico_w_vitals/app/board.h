/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the application needs from its board besides a link: the Pico (../pico) or a host (../host). All calls come from
 * one thread and return at once.
 */
#ifndef VITALS_BOARD_H
#define VITALS_BOARD_H

#include <reseal/device.h>

enum board_channel { BOARD_PULSE, BOARD_TEMPERATURE };

struct board {
    void *context;

    /* Milliseconds since an arbitrary moment; wraps to 0 at 2^32. */
    uint32_t (*now_ms)(void *context);

    /* One conversion: 0 to 4095 of the reference of 3.3 V. False if it failed. */
    bool (*adc)(void *context, enum board_channel channel, uint16_t *out);

    /* To and from registers of a device on the I2C bus. False without an acknowledgement. */
    bool (*i2c_write)(void *context, uint8_t address, uint8_t first, uint8_t value);
    bool (*i2c_read)(void *context, uint8_t address, uint8_t first, uint8_t *out, uint8_t size);

    void (*led)(void *context, bool on);

    /* Replaces the key in the device's settings, as struct reseal_key_store (rekey.h) requires. */
    enum reseal_status (*store_key)(void *context, const struct reseal_credentials *fresh);

    /* One line for the log or the serial port, without a line feed: what the link does, and what is wrong. */
    void (*tell)(void *context, const char *line);
};

#endif
