/* SPDX-License-Identifier: Apache-2.0 */
/* The messages in flight over the current connection, and which of them the broker has accepted. */
#ifndef RESEAL_LINK_SLOTS_H
#define RESEAL_LINK_SLOTS_H

#include <reseal/link.h>

/* Whether anybody on the path could answer in the broker's place, so that only a sealed acknowledgement counts. */
bool reseal_link_is_open_channel(const struct reseal_link *link);

/* A PUBACK; a handle that is not in flight is ignored. */
void reseal_link_slots_acknowledge(struct reseal_link *link, uint16_t handle);

/* Compares all messages in flight with link->ack. */
void reseal_link_slots_name(struct reseal_link *link);

/* Tells the application what was accepted since the last call. */
void reseal_link_slots_tell(struct reseal_link *link);

/* Whether one has been in flight longer than RESEAL_LINK_ANSWER_MS. */
bool reseal_link_slots_late(const struct reseal_link *link);

void reseal_link_slots_clear(struct reseal_link *link);

#endif
