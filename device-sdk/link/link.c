/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/link.h>
#include <string.h>

#include "slots.h"
#include "topics.h"

enum { EVENTS_A_STEP = 32, FIRST_SUBSCRIPTION = RESEAL_LINK_IN_FLIGHT + 1, DOUBLINGS_MAX = 6 };

_Static_assert(RESEAL_LINK_PAUSE_FIRST_MS << DOUBLINGS_MAX == RESEAL_LINK_PAUSE_LONGEST_MS, "the longest pause");

/* Correct across the clock's wrap. */
static bool is_over(const struct reseal_link *link, uint32_t since_ms, uint32_t limit_ms) {
    return link->now_ms - since_ms >= limit_ms;
}

static void enter(struct reseal_link *link, enum reseal_link_state state) {
    link->status.state = state;
    link->since_ms = link->now_ms;
    link->has_changed = true;
}

static enum reseal_link_network network(const struct reseal_link *link) {
    const struct reseal_link_driver *driver = link->config.driver;
    return driver->network(driver->context, link->now_ms);
}

enum reseal_status reseal_link_open(struct reseal_link *link, const struct reseal_link_config *config) {
    if (link == NULL || config == NULL || config->device == NULL || config->driver == NULL ||
        config->filter_count > RESEAL_LINK_FILTERS_MAX || (config->filter_count > 0 && config->filters == NULL) ||
        reseal_connect_prefix(config->listener)[0] == '\0') {
        return RESEAL_BAD_ARGUMENT;
    }
    memset(link, 0, sizeof *link);
    if (!config->device->sender.opened) {
        return RESEAL_CLOSED;
    }
    link->config = *config;
    link->status.state = RESEAL_LINK_PAUSE; /* of no length: the first step joins */
    return RESEAL_OK;
}

void reseal_link_close(struct reseal_link *link) {
    link->config.driver->disconnect(link->config.driver->context);
    reseal_wipe(link->login, sizeof link->login);
    reseal_link_slots_clear(link);
    link->status.state = RESEAL_LINK_PAUSE;
}

const struct reseal_link_status *reseal_link_get_status(const struct reseal_link *link) {
    return &link->status;
}

/* Half of it to one and a half. */
static uint32_t spread(const struct reseal_link *link, uint32_t pause_ms) {
    uint8_t bytes[2] = {0x80, 0};
    const struct reseal_random *random = &link->config.random;
    if (random->fill != NULL && !random->fill(random->context, bytes, sizeof bytes)) {
        bytes[0] = 0x80;
        bytes[1] = 0;
    }
    const uint32_t fraction = (uint32_t)bytes[0] << 8 | bytes[1];
    return pause_ms / 2 + (uint32_t)((uint64_t)pause_ms * fraction >> 16);
}

/* A broker that takes us and then ends the connection, again and again, has most likely another client of our name. */
static enum reseal_link_reason judge(struct reseal_link *link, enum reseal_link_reason reason) {
    const bool was_online = link->status.state == RESEAL_LINK_ONLINE;
    const bool ended = (reason == RESEAL_LINK_CLOSED || reason == RESEAL_LINK_RESET) &&
                       !is_over(link, link->since_ms, RESEAL_LINK_STABLE_MS);
    if (was_online && !ended) {
        link->short_lives = 0;
    } else if (was_online && link->short_lives < RESEAL_LINK_SHORT_LIVES) {
        link->short_lives++;
    }
    const bool unanswered =
        reason == RESEAL_LINK_NO_NAME || reason == RESEAL_LINK_NO_ANSWER || reason == RESEAL_LINK_TLS_NO_ANSWER;
    link->unanswered = unanswered && !was_online ? (uint8_t)(link->unanswered + 1) : 0;
    return was_online && link->short_lives == RESEAL_LINK_SHORT_LIVES ? RESEAL_LINK_TAKEN_OVER : reason;
}

static void forget_connection(struct reseal_link *link) {
    link->config.driver->disconnect(link->config.driver->context);
    reseal_link_slots_clear(link);
    link->subscribed = 0;
    link->answers = 0;
    link->rekeyed = false;
}

static void fail(struct reseal_link *link, enum reseal_link_reason reason, int32_t code) {
    forget_connection(link);
    link->status.reason = judge(link, reason);
    link->status.code = code;
    link->status.attempt++;
    link->status.pause_ms = spread(link, (uint32_t)RESEAL_LINK_PAUSE_FIRST_MS << link->doublings);
    if (link->doublings < DOUBLINGS_MAX) {
        link->doublings++;
    }
    enter(link, RESEAL_LINK_PAUSE);
}

/*
 * A password is good for one connection and takes a counter of the replay window. A password that the broker has not
 * seen, as in an outage, is used again, so that a long outage does not push the messages in flight out of the window.
 */
static enum reseal_status make_login(struct reseal_link *link) {
    if (link->login[0] != '\0') {
        return RESEAL_OK;
    }
    const enum reseal_status status =
        reseal_device_login(link->config.device, link->config.listener, "{id}", link->login, sizeof link->login);
    link->status.logins += status == RESEAL_OK ? 1 : 0;
    return status;
}

static void connect(struct reseal_link *link) {
    const struct reseal_link_driver *driver = link->config.driver;
    const enum reseal_status status = make_login(link);
    if (status != RESEAL_OK) {
        fail(link, RESEAL_LINK_NO_LOGIN, (int32_t)status);
        return;
    }
    const struct reseal_credentials *own = &link->config.device->sender.credentials;
    const struct reseal_link_login login = {own->principal, own->principal, link->login, link->config.lasting, own};
    link->waits = RESEAL_LINK_NO_ANSWER;
    enter(link, RESEAL_LINK_CONNECTING);
    driver->connect(driver->context, &login, link->now_ms);
}

/* Joins even where the network seems to be there, if nobody has answered for long. */
static void join_or_connect(struct reseal_link *link) {
    const struct reseal_link_driver *driver = link->config.driver;
    if (network(link) == RESEAL_LINK_NETWORK_UP && link->unanswered < RESEAL_LINK_UNANSWERED_MAX) {
        connect(link);
        return;
    }
    link->unanswered = 0;
    driver->join(driver->context, link->now_ms);
    enter(link, RESEAL_LINK_JOINING);
}

static void step_joining(struct reseal_link *link) {
    const enum reseal_link_network state = network(link);
    const bool late = is_over(link, link->since_ms, RESEAL_LINK_JOIN_MS);
    if (state == RESEAL_LINK_NETWORK_UP) {
        connect(link);
    } else if (state == RESEAL_LINK_NETWORK_NOT_FOUND) {
        fail(link, RESEAL_LINK_NO_SUCH_NETWORK, 0);
    } else if (state == RESEAL_LINK_NETWORK_WRONG_PASSWORD) {
        fail(link, RESEAL_LINK_BAD_PASSWORD, 0);
    } else if (state == RESEAL_LINK_NETWORK_FAILED) {
        fail(link, RESEAL_LINK_NOT_JOINED, 0);
    } else if (late) {
        fail(link, state == RESEAL_LINK_NETWORK_WITHOUT_ADDRESS ? RESEAL_LINK_NO_ADDRESS : RESEAL_LINK_NOT_JOINED, 0);
    }
}

static void step_connecting(struct reseal_link *link) {
    if (network(link) != RESEAL_LINK_NETWORK_UP) {
        fail(link, RESEAL_LINK_NETWORK_LOST, 0);
    } else if (is_over(link, link->since_ms, RESEAL_LINK_CONNECT_MS)) {
        fail(link, link->waits, 0);
    }
}

/* What no connection can subscribe to counts as refused by the broker. */
static bool subscribe(struct reseal_link *link) {
    const struct reseal_link_driver *driver = link->config.driver;
    char filter[RESEAL_DEVICE_TOPIC_MAX + 1];
    reseal_link_filter(link, link->subscribed, filter);
    if (filter[0] == '\0') {
        link->answers++;
        link->status.denied++;
        link->has_changed = true;
        return true;
    }
    return driver->subscribe(driver->context, (uint16_t)(FIRST_SUBSCRIPTION + link->subscribed), filter);
}

static void subscribe_due(struct reseal_link *link) {
    while (link->subscribed < reseal_link_filter_count(link) && subscribe(link)) {
        link->subscribed++;
    }
}

/* A new key is used at once: until then the broker stays with the old one. */
static void connect_with_new_key(struct reseal_link *link) {
    forget_connection(link);
    reseal_wipe(link->login, sizeof link->login);
    link->status.reason = RESEAL_LINK_NEW_KEY;
    link->status.code = 0;
    connect(link);
}

static void check_stable(struct reseal_link *link) {
    if (is_over(link, link->since_ms, RESEAL_LINK_STABLE_MS) && (link->doublings > 0 || link->short_lives > 0)) {
        link->doublings = 0;
        link->short_lives = 0;
        link->status.attempt = 0;
    }
}

static void step_online(struct reseal_link *link) {
    const bool answered = link->answers >= reseal_link_filter_count(link);
    if (network(link) != RESEAL_LINK_NETWORK_UP) {
        fail(link, RESEAL_LINK_NETWORK_LOST, 0);
    } else if (link->rekeyed) {
        connect_with_new_key(link);
    } else if (!answered && is_over(link, link->answered_ms, RESEAL_LINK_ANSWER_MS)) {
        fail(link, RESEAL_LINK_NO_SUBACK, 0);
    } else if (reseal_link_slots_late(link)) {
        fail(link, RESEAL_LINK_NO_ACKNOWLEDGEMENT, 0);
    } else {
        subscribe_due(link);
        check_stable(link);
    }
}

static void step_pause(struct reseal_link *link) {
    if (is_over(link, link->since_ms, link->status.pause_ms)) {
        join_or_connect(link);
    }
}

static void refuse(struct reseal_link *link, enum reseal_status status) {
    if (status == RESEAL_BUFFER_TOO_SMALL) {
        link->status.too_large++;
    } else {
        link->status.refused++;
    }
    link->has_changed = true;
}

static void take_ack(struct reseal_link *link, struct reseal_bytes payload) {
    struct reseal_ack ack;
    const enum reseal_status status = reseal_device_ack(link->config.device, payload, &ack);
    if (status == RESEAL_OK) {
        link->ack = ack;
        reseal_link_slots_name(link);
    } else {
        refuse(link, status);
    }
}

/* What is in flight was sealed under the previous key, which the broker still accepts. */
static void take_key(struct reseal_link *link, struct reseal_bytes payload) {
    const enum reseal_status status = reseal_device_rekey(link->config.device, payload, &link->config.keys);
    if (status == RESEAL_OK) {
        link->rekeyed = true;
    } else {
        refuse(link, status);
    }
}

static void take_message(struct reseal_link *link, const char *topic, struct reseal_bytes payload) {
    const struct reseal_link_calls *calls = &link->config.calls;
    struct reseal_buffer opened = {link->config.opened.data, link->config.opened.capacity, 0};
    const enum reseal_status status = reseal_device_receive(link->config.device, topic, payload, &opened);
    if (status != RESEAL_OK) {
        refuse(link, status);
    } else if (calls->received != NULL) {
        calls->received(calls->context, topic, (struct reseal_bytes){opened.data, opened.size});
    }
    reseal_wipe(opened.data, opened.size);
}

static void receive(struct reseal_link *link, const struct reseal_link_event *event) {
    switch (reseal_link_topic_of(link, event->topic)) {
        case RESEAL_LINK_TOPIC_ACK:
            take_ack(link, event->payload);
            break;
        case RESEAL_LINK_TOPIC_KEY:
            take_key(link, event->payload);
            break;
        case RESEAL_LINK_TOPIC_OTHER:
            take_message(link, event->topic, event->payload);
            break;
    }
}

static void connected(struct reseal_link *link) {
    reseal_wipe(link->login, sizeof link->login);
    link->status.reason = RESEAL_LINK_FINE;
    link->status.code = 0;
    link->unanswered = 0;
    link->answered_ms = link->now_ms;
    enter(link, RESEAL_LINK_ONLINE);
}

static void lost(struct reseal_link *link, const struct reseal_link_event *event) {
    if (event->reason >= RESEAL_LINK_REFUSED_VERSION && event->reason <= RESEAL_LINK_REFUSED_OTHER) {
        reseal_wipe(link->login, sizeof link->login); /* the broker has seen it */
    }
    fail(link, event->reason, event->code);
}

static void answered(struct reseal_link *link, bool granted) {
    link->answers++;
    link->answered_ms = link->now_ms;
    link->status.denied += granted ? 0 : 1;
    link->has_changed = link->has_changed || !granted;
}

static void take(struct reseal_link *link, const struct reseal_link_event *event) {
    const bool online = link->status.state == RESEAL_LINK_ONLINE;
    if (event->kind == RESEAL_LINK_EVENT_LOST) {
        lost(link, event);
    } else if (event->kind == RESEAL_LINK_EVENT_WAITS) {
        link->waits = event->reason;
    } else if (event->kind == RESEAL_LINK_EVENT_CONNECTED && link->status.state == RESEAL_LINK_CONNECTING) {
        connected(link);
    } else if (event->kind == RESEAL_LINK_EVENT_ACKNOWLEDGED) {
        reseal_link_slots_acknowledge(link, event->handle);
    } else if (event->kind == RESEAL_LINK_EVENT_TOO_LARGE) {
        link->status.too_large++;
        link->has_changed = true;
    } else if (event->kind == RESEAL_LINK_EVENT_RECEIVED && online) {
        receive(link, event);
    } else if (event->kind == RESEAL_LINK_EVENT_GRANTED || event->kind == RESEAL_LINK_EVENT_DENIED) {
        answered(link, event->kind == RESEAL_LINK_EVENT_GRANTED);
    }
}

static bool has_connection(const struct reseal_link *link) {
    return link->status.state == RESEAL_LINK_CONNECTING || link->status.state == RESEAL_LINK_ONLINE;
}

static void take_events(struct reseal_link *link) {
    const struct reseal_link_driver *driver = link->config.driver;
    struct reseal_link_event event;
    for (int i = 0; i < EVENTS_A_STEP && has_connection(link) && !link->rekeyed; i++) {
        memset(&event, 0, sizeof event);
        if (!driver->poll(driver->context, link->now_ms, &event)) {
            return;
        }
        take(link, &event);
        reseal_link_slots_tell(link);
    }
}

static void step_state(struct reseal_link *link) {
    switch (link->status.state) {
        case RESEAL_LINK_JOINING:
            step_joining(link);
            break;
        case RESEAL_LINK_CONNECTING:
            step_connecting(link);
            break;
        case RESEAL_LINK_ONLINE:
            step_online(link);
            break;
        case RESEAL_LINK_PAUSE:
            step_pause(link);
            break;
    }
}

static void tell_change(struct reseal_link *link) {
    const struct reseal_link_calls *calls = &link->config.calls;
    if (link->has_changed && calls->changed != NULL) {
        link->has_changed = false;
        calls->changed(calls->context, &link->status);
    }
}

void reseal_link_step(struct reseal_link *link, uint32_t now_ms) {
    link->now_ms = now_ms;
    take_events(link);
    tell_change(link); /* also what lasts no longer than until the next line */
    reseal_link_slots_tell(link);
    step_state(link);
    tell_change(link);
}
