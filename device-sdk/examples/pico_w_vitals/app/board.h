/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the application needs from its board: the Pico (../pico) or a host (../host). All calls come from one thread and
 * return at once. The board reports what happens through the functions "For the board" in vitals.h, from the same
 * thread, and never from inside one of these calls.
 */
#ifndef VITALS_BOARD_H
#define VITALS_BOARD_H

#include <reseal/device.h>

enum board_channel { BOARD_PULSE, BOARD_TEMPERATURE };

enum board_network { BOARD_NETWORK_DOWN, BOARD_NETWORK_JOINING, BOARD_NETWORK_UP };

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

    /* Wi-Fi: join starts joining; network returns the state. */
    void (*join)(void *context);
    enum board_network (*network)(void *context);

    /* Replaces the key in the device's settings, as struct reseal_key_store (rekey.h) requires. */
    enum reseal_status (*store_key)(void *context, const struct reseal_credentials *fresh);

    /*
     * MQTT 3.1.1, clean session. connect starts connecting; vitals_connected, vitals_refused or vitals_lost follows,
     * once. The strings need not outlive the call. The password proves the device's key.
     */
    void (*connect)(void *context, const char *client_id, const char *password);
    /* At QoS 1; vitals_acknowledged(number) follows. False: not now, the board's buffers are full. */
    bool (*publish)(void *context, const struct reseal_message *message, uint32_t number);
    bool (*subscribe)(void *context, const char *filter);
    /* Drops the connection or the attempt; no more events follow from it. */
    void (*disconnect)(void *context);
};

#endif
