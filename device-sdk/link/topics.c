/* SPDX-License-Identifier: Apache-2.0 */
#include "topics.h"

#include <string.h>

#include "slots.h"

_Static_assert((int)RESEAL_ACK_TOPIC_SIZE <= (int)RESEAL_DEVICE_TOPIC_MAX + 1, "an own topic fits");
_Static_assert((int)RESEAL_REKEY_TOPIC_SIZE <= (int)RESEAL_DEVICE_TOPIC_MAX + 1, "an own topic fits");

static bool takes_keys(const struct reseal_link *link) {
    return link->config.keys.store != NULL;
}

static bool is_ack_topic(const struct reseal_link *link, const char *topic) {
    char own[RESEAL_ACK_TOPIC_SIZE];
    reseal_ack_topic(link->config.device, own);
    return reseal_link_is_open_channel(link) && strcmp(topic, own) == 0;
}

static bool is_key_topic(const struct reseal_link *link, const char *topic) {
    char own[RESEAL_REKEY_TOPIC_SIZE];
    reseal_rekey_topic(link->config.device, own);
    return takes_keys(link) && strcmp(topic, own) == 0;
}

enum reseal_link_topic reseal_link_topic_of(const struct reseal_link *link, const char *topic) {
    if (is_ack_topic(link, topic)) {
        return RESEAL_LINK_TOPIC_ACK;
    }
    return is_key_topic(link, topic) ? RESEAL_LINK_TOPIC_KEY : RESEAL_LINK_TOPIC_OTHER;
}

uint8_t reseal_link_filter_count(const struct reseal_link *link) {
    return (uint8_t)(link->config.filter_count + (reseal_link_is_open_channel(link) ? 1 : 0) +
                     (takes_keys(link) ? 1 : 0));
}

/* Copies the pattern, with the principal for each {id}. */
static void fill(const char *pattern, const char *principal, char out[RESEAL_DEVICE_TOPIC_MAX + 1]) {
    static const char id[] = {'{', 'i', 'd', '}'};
    size_t size = 0;
    while (*pattern != '\0') {
        const bool is_id = strncmp(pattern, id, sizeof id) == 0;
        const size_t length = is_id ? strlen(principal) : 1;
        if (length > RESEAL_DEVICE_TOPIC_MAX - size) {
            size = 0;
            break;
        }
        memcpy(out + size, is_id ? principal : pattern, length);
        size += length;
        pattern += is_id ? sizeof id : 1;
    }
    out[size] = '\0';
}

void reseal_link_filter(const struct reseal_link *link, uint8_t index, char out[RESEAL_DEVICE_TOPIC_MAX + 1]) {
    const uint8_t acks = reseal_link_is_open_channel(link) ? 1 : 0;
    if (index < acks) {
        reseal_ack_topic(link->config.device, out);
    } else if (takes_keys(link) && index == acks) {
        reseal_rekey_topic(link->config.device, out);
    } else {
        const size_t at = (size_t)(index - acks - (takes_keys(link) ? 1 : 0));
        fill(link->config.filters[at], link->config.device->sender.credentials.principal, out);
    }
}
