/*
 * What was read and not yet acknowledged, in order. The oldest few are in flight: sealed, and sent as far as there is a
 * connection. The others wait as they were read, and are sealed when their turn comes.
 *
 * After a lost connection the very same bytes go out again: the broker takes each message once, so a reading whose
 * acknowledgement was lost does not arrive twice. That holds for what is inside the broker's replay window. Few are in
 * flight for that reason, and a place is free only when all before it are acknowledged. Only a copy that could have
 * left the window all the same, or whose epoch ended, is sealed anew: it could arrive twice, under the same "n",
 * instead of never.
 */
#ifndef VITALS_OUTBOX_H
#define VITALS_OUTBOX_H

#include <reseal/ack.h>

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
    uint32_t seal;                 /* which of the device's seals it was */
    uint32_t sent_ms;
    bool sent; /* over the present connection */
    bool acknowledged;
};

struct outbox {
    struct entry waiting[OUTBOX_WAITING];
    struct slot slots[OUTBOX_IN_FLIGHT];
    uint32_t first_waiting;
    uint32_t waiting_count;
    uint32_t first_slot;
    uint32_t slot_count;
    uint32_t last_number;
    uint32_t dropped; /* the oldest that waited, when there was no place */
};

/* Numbers a copy of the entry and lets it wait. */
void outbox_put(struct outbox *outbox, const struct entry *entry);

/* Takes what waits into flight, as far as there are places. */
void outbox_fill(struct outbox *outbox);

/* The one in flight at `index`, from the oldest, below slot_count. */
struct slot *outbox_slot(struct outbox *outbox, uint32_t index);

/* A number that is not in flight is passed over. */
void outbox_acknowledge(struct outbox *outbox, uint32_t number);

/* The broker has said under seal what it accepted: over this connection or one before it. */
void outbox_accepted(struct outbox *outbox, const struct reseal_ack *ack);

/* The connection is lost: all in flight must be sent again. */
void outbox_connection_lost(struct outbox *outbox);

/* How many are unacknowledged. */
uint32_t outbox_size(const struct outbox *outbox);

/* Must it be sealed, or sealed anew, before it is sent? `seals` counts all that the device ever sealed, logins too. */
bool outbox_needs_seal(const struct slot *slot, uint32_t seals);

#ifdef __cplusplus
}
#endif
#endif
