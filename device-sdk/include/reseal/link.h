/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device's link to its broker: joins the network, connects, logs in under seal, subscribes, publishes, knows what the
 * broker has accepted, and starts again, with pauses that grow, whenever something fails. It says in words what it does
 * and what is wrong. Portable C11 without heap or clock; the network is behind a driver (reseal/link_driver.h).
 *
 *   reseal_link_open(&link, &config);                       // after reseal_device_open
 *   for (;;) {
 *       reseal_link_step(&link, now_ms);                    // every 20 ms or more often
 *       if (there is a reading) {
 *           reseal_device_seal(&device, "ward/{id}/pulse", text, &message);
 *           reseal_link_publish(&link, &message, number);   // keep the message until accepted(number)
 *       }
 *   }
 *
 * No message is lost as long as the application keeps it until `accepted`. Once a connection ends, nothing is in flight
 * any more: publish again, the same bytes, what was not accepted. The broker takes each message once.
 *
 * What counts as accepted depends on the listener. With TLS it is PUBACK (MQTT 3.1.1 section 3.4). Without TLS anybody
 * on the path could send that: there it is the broker's sealed acknowledgement (reseal/ack.h), which the link
 * subscribes to and opens. Never seal more than 128 messages ahead of one that is not accepted.
 *
 * Deadlines: joining 20 s; connecting, from the name to CONNACK, 30 s; SUBACK and acknowledgements 20 s. After a
 * deadline the link leaves the network or the connection and starts again. It also joins again by force after three
 * attempts in a row to which nobody answered, since a radio can believe that it is joined when it is not.
 *
 * Pauses: 1 s, then twice as long after each failure, up to 64 s, each between half and one and a half of that at
 * random, so that boards that lost their broker together do not return together. Only a connection that has lasted for
 * 30 s starts again with 1 s: CONNACK alone proves little.
 *
 * Two clients with one client id end each other's connection as soon as they connect (section 3.1.4), and MQTT 3.1.1
 * does not say so. Three connections in a row that the broker accepted and that ended within 30 s, closed or reset by
 * the other side and not by a deadline, are reported as RESEAL_LINK_TAKEN_OVER.
 *
 * One thread at a time, and not from interrupts.
 */
#ifndef RESEAL_LINK_H
#define RESEAL_LINK_H

#include <reseal/ack.h>
#include <reseal/link_driver.h>
#include <reseal/rekey.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_LINK_IN_FLIGHT = 16, /* messages that are published and not accepted */
    RESEAL_LINK_FILTERS_MAX = 6,
    RESEAL_LINK_LINE_SIZE = 200, /* bytes of reseal_link_line, with its NUL */

    RESEAL_LINK_JOIN_MS = 20000,
    RESEAL_LINK_CONNECT_MS = 30000,
    RESEAL_LINK_ANSWER_MS = 20000, /* SUBACK, acknowledgements */
    RESEAL_LINK_STABLE_MS = 30000,
    RESEAL_LINK_PAUSE_FIRST_MS = 1000,
    RESEAL_LINK_PAUSE_LONGEST_MS = 64000,
    RESEAL_LINK_UNANSWERED_MAX = 3, /* attempts before it joins again by force */
    RESEAL_LINK_SHORT_LIVES = 3     /* connections before it suspects another client of the same id */
};

/* What the link is about. */
enum reseal_link_state {
    RESEAL_LINK_JOINING,    /* no network yet */
    RESEAL_LINK_CONNECTING, /* no CONNACK yet */
    RESEAL_LINK_ONLINE,
    RESEAL_LINK_PAUSE /* before the next attempt */
};

/* How the link is, and what has gone wrong since it was opened. */
struct reseal_link_status {
    enum reseal_link_state state;
    enum reseal_link_reason reason; /* why the last attempt or connection ended; RESEAL_LINK_FINE while online */
    int32_t code;                   /* see enum reseal_link_reason */
    uint32_t attempt;               /* failures since the last connection that proved stable */
    uint32_t pause_ms;              /* how long the pause is, from the call that reports it */
    /* Since open: */
    uint32_t denied;    /* subscriptions that the broker refused: a fault of its acl.yaml; the link stays online */
    uint32_t refused;   /* messages that did not open: not sealed for this device, changed, seen before */
    uint32_t too_large; /* messages, in or out, that do not fit into the memory of driver or device */
    uint32_t logins;    /* passwords that were sealed: each took a counter of the device's epoch */
};

/*
 * What the application is told, from inside reseal_link_step. It may publish there, but neither step nor close. A null
 * pointer: not told.
 */
struct reseal_link_calls {
    void *context;
    /* The broker has accepted the message that was published as `number`: forget it. */
    void (*accepted)(void *context, uint32_t number);
    /* A message that was opened. `topic` ends with a NUL; both are valid during the call. */
    void (*received)(void *context, const char *topic, struct reseal_bytes text);
    /* State, reason, or one of the counts of `status` other than logins has changed: reseal_link_line has the words. */
    void (*changed)(void *context, const struct reseal_link_status *status);
};

/* What reseal_link_open needs. */
struct reseal_link_config {
    struct reseal_device *device; /* open; the link logs in with it and opens messages with it */
    const struct reseal_link_driver *driver;
    enum reseal_listener listener; /* the kind that the driver connects to */
    const char *const
        *filters;        /* what to subscribe to, "{id}" is the principal; the device's own topics are not among them */
    size_t filter_count; /* at most RESEAL_LINK_FILTERS_MAX */
    bool lasting;        /* a lasting session, see struct reseal_link_login */
    struct reseal_key_store keys; /* store null: takes no new key over the air */
    struct reseal_random random;  /* for the pauses; fill null: they are not spread */
    struct reseal_buffer opened; /* memory for the text of a message, RESEAL_OVERHEAD_MAX bytes more than its longest */
    struct reseal_link_calls calls;
};

/* A message in flight. Opaque. */
struct reseal_link_slot {
    const struct reseal_message *message; /* null: accepted */
    uint32_t number;
    uint32_t sent_ms;
    bool used;
    bool acknowledged; /* PUBACK */
    bool named;        /* by a sealed acknowledgement */
};

/* The caller allocates it; treat it as opaque. */
struct reseal_link {
    struct reseal_link_config config;
    struct reseal_link_status status;
    char login[RESEAL_DEVICE_LOGIN_SIZE]; /* made but not yet seen by the broker; empty: none */
    struct reseal_ack ack;                /* the last one; zeroed: none */
    struct reseal_link_slot slots[RESEAL_LINK_IN_FLIGHT];
    uint32_t now_ms;
    uint32_t since_ms;    /* when the state began */
    uint32_t answered_ms; /* when subscribing began, or was last answered */
    enum reseal_link_reason waits;
    uint8_t doublings;   /* of the next pause */
    uint8_t unanswered;  /* attempts in a row */
    uint8_t short_lives; /* connections in a row */
    uint8_t subscribed;  /* packets sent over this connection */
    uint8_t answers;     /* SUBACKs that came */
    bool rekeyed;
    bool has_changed;
};

/*
 * Copies the configuration; what it points to must outlive the link. Starts to join with the first step.
 *   RESEAL_BAD_ARGUMENT  a null pointer, too many filters, a listener that is none
 *   RESEAL_CLOSED        the device is not open
 */
enum reseal_status reseal_link_open(struct reseal_link *link, const struct reseal_link_config *config);

/* Does everything that is due. `now_ms` is a clock that never jumps; it may wrap to 0 at 2^32. */
void reseal_link_step(struct reseal_link *link, uint32_t now_ms);

/*
 * Publishes a sealed message at QoS 1. It and its payload must stay unchanged until `accepted` names `number`, or
 * `changed` says that the link is no longer online. `number` is the application's own.
 *   RESEAL_LINK_SENT            it is in flight
 *   RESEAL_LINK_BUSY            not online, or too much is in flight: again after the next step
 *   RESEAL_LINK_SENT_TOO_LARGE  the driver's memory never holds it: give it up (status.too_large counts it)
 */
enum reseal_link_sent reseal_link_publish(struct reseal_link *link, const struct reseal_message *message,
                                          uint32_t number);

/* How it is now. Valid as long as the link. */
const struct reseal_link_status *reseal_link_get_status(const struct reseal_link *link);

/*
 * One line for a log or a serial port, without a line feed, for instance
 *   waits 2140 ms before attempt 3: the broker's certificate is not from our CA (code 8)
 */
void reseal_link_line(const struct reseal_link_status *status, char out[RESEAL_LINK_LINE_SIZE]);

/* Disconnects, and wipes the password. The device stays open. */
void reseal_link_close(struct reseal_link *link);

#ifdef __cplusplus
}
#endif
#endif
