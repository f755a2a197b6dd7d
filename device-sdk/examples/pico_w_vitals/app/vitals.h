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

#include "board.h"
#include "led.h"
#include "outbox.h"

#ifdef __cplusplus
extern "C" {
#endif

enum vitals_state {
    VITALS_JOINING,    /* no Wi-Fi */
    VITALS_CONNECTING, /* no answer from the broker yet */
    VITALS_ONLINE,
    VITALS_PAUSE,  /* before the next attempt to connect */
    VITALS_REFUSED /* the same, after the broker refused */
};

enum { VITALS_COMMAND_MAX = 128, VITALS_INTERVAL_MS = 1000 };

struct vitals {
    const struct board *board;
    struct reseal_device device;
    struct outbox outbox;
    char principal[RESEAL_PRINCIPAL_MAX + 1];
    char login[RESEAL_DEVICE_LOGIN_SIZE]; /* made but not yet seen by the broker; empty: none */
    enum reseal_listener listener;
    enum vitals_state state;
    uint32_t since_ms; /* when the state began */
    uint32_t pause_ms; /* how long the next pause is */
    uint32_t interval_ms;
    uint32_t last_reading_ms;
    uint32_t identify_ms; /* how long it blinks, from identify_since_ms */
    uint32_t identify_since_ms;
    uint32_t readings;        /* taken so far */
    uint32_t seals;           /* how often the device sealed, logins too */
    uint32_t not_commands;    /* messages that were refused: not sealed for this device, changed, seen before */
    enum reseal_status fault; /* of the last seal */
    uint32_t subscriptions;   /* made since it connected */
    bool motion_ready;
    bool rekeyed; /* has a newer key than this connection was made with */
    bool paused;  /* takes no readings: for tests, and at the end of a host's run */
};

/*
 * `listener`: what it connects to. It proves its key there, with TLS in addition to its certificate. Without TLS it
 * drops a reading only after a sealed acknowledgement. The board and whatever `port` points to must outlive it. Returns
 * what reseal_device_open returns.
 */
enum reseal_status vitals_open(struct vitals *vitals, const struct board *board,
                               const struct reseal_credentials *credentials, const struct reseal_port *port,
                               enum reseal_listener listener);

/* Does everything that is due now. Call it every 20 ms or more often, and once after each of the functions below. */
void vitals_step(struct vitals *vitals);

enum led_pattern vitals_led(const struct vitals *vitals);

/* Wipes the keys. */
void vitals_close(struct vitals *vitals);

/* For the board. */
void vitals_connected(struct vitals *vitals);
/* The broker refused the attempt to connect. */
void vitals_refused(struct vitals *vitals);
/* The connection failed or was lost. */
void vitals_lost(struct vitals *vitals);
/* A PUBACK. Where anybody could answer in the broker's place, it only means that the packet went out. */
void vitals_acknowledged(struct vitals *vitals, uint32_t number);
/* `topic` ends with a NUL. */
void vitals_received(struct vitals *vitals, const char *topic, struct reseal_bytes payload);

#ifdef __cplusplus
}
#endif
#endif
