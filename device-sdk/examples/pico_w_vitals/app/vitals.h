/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The application: reads its sensors at a set rate, seals and publishes the readings, and carries out sealed commands.
 * Portable C11, no heap; everything that it touches is behind board.h.
 *
 *   publishes   ward/{id}/vitals/reading    reading.h
 *               ward/{id}/vitals/answer     {"n":13,"ms":61500,"command":"interval","done":true,"interval_ms":500,
 *                                           "unsent":2,"dropped":0}, for each command
 *   subscribes  commands/{id}/#             command.h
 *               $reseal/{id}/key            a new key, which it stores and reconnects with
 *               $reseal/{id}/ack            without TLS: the broker's sealed acknowledgements
 */
#ifndef VITALS_H
#define VITALS_H

#include <reseal/link.h>

#include "board.h"
#include "led.h"
#include "outbox.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { VITALS_COMMAND_MAX = 128, VITALS_INTERVAL_MS = 1000 };

struct vitals {
    const struct board *board;
    struct reseal_device device;
    struct outbox outbox;
    struct reseal_link link;
    uint8_t opened[VITALS_COMMAND_MAX];
    uint32_t interval_ms;
    uint32_t last_reading_ms;
    uint32_t identify_ms; /* how long it blinks, from identify_since_ms */
    uint32_t identify_since_ms;
    uint32_t readings;        /* taken so far */
    uint32_t seals;           /* how often the device sealed, logins not counted */
    enum reseal_status fault; /* of the last seal */
    bool motion_ready;
    bool paused; /* takes no readings: for tests, and at the end of a host's run */
};

/*
 * `listener`: what `driver` connects to. It proves its key there, with TLS in addition to its certificate. Board and
 * driver, and whatever `port` points to, must outlive it. Returns what reseal_device_open and reseal_link_open return.
 */
enum reseal_status vitals_open(struct vitals *vitals, const struct board *board,
                               const struct reseal_link_driver *driver, const struct reseal_credentials *credentials,
                               const struct reseal_port *port, enum reseal_listener listener);

/* Does everything that is due now. Call it every 20 ms or more often. */
void vitals_step(struct vitals *vitals);

enum led_pattern vitals_led(const struct vitals *vitals);

/* Disconnects, and wipes the keys. */
void vitals_close(struct vitals *vitals);

#ifdef __cplusplus
}
#endif
#endif
