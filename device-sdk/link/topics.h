/* SPDX-License-Identifier: Apache-2.0 */
/* What the link subscribes to: the device's own topics, then the application's filters. */
#ifndef RESEAL_LINK_TOPICS_H
#define RESEAL_LINK_TOPICS_H

#include <reseal/link.h>

enum reseal_link_topic { RESEAL_LINK_TOPIC_ACK, RESEAL_LINK_TOPIC_KEY, RESEAL_LINK_TOPIC_OTHER };

/* Which kind of message arrives under `topic`. */
enum reseal_link_topic reseal_link_topic_of(const struct reseal_link *link, const char *topic);

/* How many subscriptions a connection needs. */
uint8_t reseal_link_filter_count(const struct reseal_link *link);

/* Writes the one at `index`; an empty string if it is too long. */
void reseal_link_filter(const struct reseal_link *link, uint8_t index, char out[RESEAL_DEVICE_TOPIC_MAX + 1]);

#endif
