/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readings that are not yet acknowledged, in order. The oldest few are in flight: sealed, and sent if there is a
 * connection. The others wait unsealed, and are sealed when their turn comes.
 *
 * After a lost connection the same bytes go out again: the broker accepts each message once, so a reading whose
 * acknowledgement was lost does not arrive twice. That holds inside the broker's replay window. So only a few are in
 * flight, and a place is free only when all before it are acknowledged. A copy is sealed again only if it could have
 * left the window, or if its epoch ended: it could then arrive twice, under the same "n", instead of never.
 */
#ifndef VITALS_OUTBOX_H
#define VITALS_OUTBOX_H

#include <reseal/device.h>

#include "command.h"
#include "reading.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { OUTBOX_WAITING = 256, OUTBOX_IN_FLIGHT = 8, OUTBOX_PAYLOAD_MAX = READING_TEXT_MAX + (int)RESEAL_OVERHEAD_MAX };

struct answer {
    enum command_name command;
    bool done;
};

struct entry {
    uint32_t number; /* from 1, without a gap */
    uint32_t ms;     /* when */
    bool is_answer;
    struct answer answer;
    struct reading reading;
};

struct slot {
    struct entry entry;
    uint8_t memory[OUTBOX_PAYLOAD_MAX];
    struct reseal_message message; /* its payload is in memory; size 0: not sealed yet */
    uint32_t counter;              /* of the message */
    uint32_t seal;                 /* the number of the device's seal */
    bool sent;                     /* over the current connection */
    bool acknowledged;             /* the broker has accepted it */
};

struct outbox {
    struct entry waiting[OUTBOX_WAITING];
    struct slot slots[OUTBOX_IN_FLIGHT];
    uint32_t first_waiting;
    uint32_t waiting_count;
    uint32_t first_slot;
    uint32_t slot_count;
    uint32_t last_number;
    uint32_t dropped; /* the oldest that waited, dropped for lack of room */
};

/* Numbers a copy of the entry and lets it wait. */
void outbox_put(struct outbox *outbox, const struct entry *entry);

/* Moves waiting entries into flight, as far as there are places. */
void outbox_fill(struct outbox *outbox);

/* The one in flight at `index`, from the oldest, below slot_count. */
struct slot *outbox_slot(struct outbox *outbox, uint32_t index);

/* A number that is not in flight is ignored. */
void outbox_acknowledge(struct outbox *outbox, uint32_t number);

/* The connection is lost: all in flight must be sent again. */
void outbox_connection_lost(struct outbox *outbox);

/* How many are unacknowledged. */
uint32_t outbox_size(const struct outbox *outbox);

/*
 * Whether it must be sealed, or sealed again, before it is sent. `seals` counts all of the device's seals, logins too.
 */
bool outbox_needs_seal(const struct slot *slot, uint32_t seals);

#ifdef __cplusplus
}
#endif
#endif
