/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the link (reseal/link.h) needs from a network and an MQTT 3.1.1 client. The SDK has two drivers: lwIP
 * (reseal/link_lwip.h), which the Raspberry Pi Pico uses too, and libmosquitto (reseal/link_mosquitto.h). Firmware that
 * uses one of them needs only the reasons from this header.
 *
 * A driver never calls the link: it queues what happens, and the link asks for it with `poll`. So it does not matter in
 * which context the driver learns of it, and nothing happens while the application is inside one of its own calls.
 */
#ifndef RESEAL_LINK_DRIVER_H
#define RESEAL_LINK_DRIVER_H

#include <reseal/device.h>
#include <reseal/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why there is no connection. The numbers are part of the API: they never change, and none is used again. */
enum reseal_link_reason {
    RESEAL_LINK_FINE = 0,
    /* Wi-Fi, or whatever network there is */
    RESEAL_LINK_NO_SUCH_NETWORK = 1,
    RESEAL_LINK_BAD_PASSWORD = 2,
    RESEAL_LINK_NOT_JOINED = 3, /* within the deadline, or the driver gave no other reason */
    RESEAL_LINK_NO_ADDRESS = 4, /* joined, but DHCP gave no address within the deadline */
    RESEAL_LINK_NETWORK_LOST = 5,
    /* DNS and TCP */
    RESEAL_LINK_NO_NAME = 10,     /* the broker's name has no address, or DNS did not answer */
    RESEAL_LINK_NO_ANSWER = 11,   /* to TCP's SYN, or to what was sent later */
    RESEAL_LINK_PORT_CLOSED = 12, /* the machine answers, but not on this port */
    RESEAL_LINK_CLOSED = 13,      /* in an orderly way, by the broker */
    RESEAL_LINK_RESET = 14,
    RESEAL_LINK_NO_MEMORY = 15,
    /* TLS (RFC 5246, RFC 8446); the code is mbedTLS's verification flags, or the broker's alert */
    RESEAL_LINK_TLS_UNTRUSTED = 20, /* the broker's certificate is not from our CA */
    RESEAL_LINK_TLS_WRONG_NAME = 21,
    RESEAL_LINK_TLS_EXPIRED = 22,           /* or not valid yet, or revoked */
    RESEAL_LINK_TLS_OWN_CERTIFICATE = 23,   /* the broker refuses ours */
    RESEAL_LINK_TLS_NOTHING_IN_COMMON = 24, /* also what OpenSSL says if it wants a certificate and gets none */
    RESEAL_LINK_TLS_FAILED = 25,
    RESEAL_LINK_TLS_NO_ANSWER = 26,
    RESEAL_LINK_TLS_OWN_KEY = 27, /* TLS-PSK: the broker does not take our key */
    /* MQTT 3.1.1; the code of 30 to 35 is the return code (section 3.2.2.3) */
    RESEAL_LINK_REFUSED_VERSION = 30,
    RESEAL_LINK_REFUSED_CLIENT_ID = 31,
    RESEAL_LINK_REFUSED_UNAVAILABLE = 32,
    RESEAL_LINK_REFUSED_LOGIN = 33,
    RESEAL_LINK_REFUSED_RIGHTS = 34,
    RESEAL_LINK_REFUSED_OTHER = 35,
    RESEAL_LINK_NO_CONNACK = 40,
    RESEAL_LINK_NO_SUBACK = 41,
    RESEAL_LINK_NO_ACKNOWLEDGEMENT = 42, /* of a message: PUBACK, and without TLS the sealed one */
    RESEAL_LINK_NO_PINGRESP = 43,
    RESEAL_LINK_BAD_PACKET = 44, /* the peer does not speak MQTT 3.1.1 */
    RESEAL_LINK_TAKEN_OVER = 45, /* most likely another client has this client id: see reseal/link.h */
    /* The device itself; the code of 50 is an enum reseal_status */
    RESEAL_LINK_NO_LOGIN = 50, /* it cannot prove its key */
    RESEAL_LINK_NEW_KEY = 51   /* not a fault: it connects again with the key that came over the air */
};

/* One sentence for people, without a full stop. Never null, even for a number that is not a reason. */
const char *reseal_link_reason_text(enum reseal_link_reason reason);

/* What is below MQTT: Wi-Fi, as a rule. */
enum reseal_link_network {
    RESEAL_LINK_NETWORK_DOWN,
    RESEAL_LINK_NETWORK_JOINING,
    RESEAL_LINK_NETWORK_WITHOUT_ADDRESS, /* joined; DHCP has not answered yet */
    RESEAL_LINK_NETWORK_UP,
    RESEAL_LINK_NETWORK_NOT_FOUND, /* the last three need another join */
    RESEAL_LINK_NETWORK_WRONG_PASSWORD,
    RESEAL_LINK_NETWORK_FAILED
};

/* What happened to the connection. */
enum reseal_link_event_kind {
    RESEAL_LINK_EVENT_WAITS,        /* connecting continues; `reason`: what to say if nothing more comes */
    RESEAL_LINK_EVENT_CONNECTED,    /* CONNACK with code 0 */
    RESEAL_LINK_EVENT_LOST,         /* the attempt failed, or the connection ended: `reason`, `code` */
    RESEAL_LINK_EVENT_ACKNOWLEDGED, /* PUBACK for `handle` */
    RESEAL_LINK_EVENT_GRANTED,      /* SUBACK for `handle` */
    RESEAL_LINK_EVENT_DENIED,       /* the same, with code 0x80 */
    RESEAL_LINK_EVENT_RECEIVED,     /* `topic`, `payload` */
    RESEAL_LINK_EVENT_TOO_LARGE /* a message was received that does not fit into the driver's memory: it is dropped */
};

/* What a driver tells the link. A member that the kind does not name means nothing. */
struct reseal_link_event {
    enum reseal_link_event_kind kind;
    enum reseal_link_reason reason;
    int32_t code; /* of the reason, for whoever knows the library; 0: none */
    uint16_t handle;
    const char *topic; /* ends with a NUL; it and the payload are valid until the next call of the driver */
    struct reseal_bytes payload;
};

/* A CONNECT packet. The strings need not outlive the call; the credentials stay until `disconnect`. */
struct reseal_link_login {
    const char *client_id;
    const char *user;     /* null: neither user name nor password */
    const char *password; /* a secret: the driver wipes its copy once it is sent */
    bool lasting; /* clean session 0 (section 3.1.2.4): the broker keeps what arrives while the device is away */
    const struct reseal_credentials *credentials; /* the device's present ones: a driver with TLS-PSK needs their key */
};

/* What became of a message that was given to a driver. */
enum reseal_link_sent {
    RESEAL_LINK_SENT,
    RESEAL_LINK_BUSY,          /* no connection or no room now */
    RESEAL_LINK_SENT_TOO_LARGE /* it will never fit */
};

/*
 * All functions return at once (what libmosquitto's do besides is in its header), and are called from one thread.
 * `now_ms` is the time that reseal_link_step was given.
 */
struct reseal_link_driver {
    void *context;

    /* Leaves the network, whatever its state, and starts to join it. */
    void (*join)(void *context, uint32_t now_ms);
    enum reseal_link_network (*network)(void *context, uint32_t now_ms);

    /* Starts to connect; CONNECTED or LOST follows, once. */
    void (*connect)(void *context, const struct reseal_link_login *login, uint32_t now_ms);
    /* At QoS 1; ACKNOWLEDGED follows. `handle` is from 1 and is used again only after that. */
    enum reseal_link_sent (*publish)(void *context, uint16_t handle, const struct reseal_message *message);
    /* At QoS 1; GRANTED or DENIED follows. False: no room now. */
    bool (*subscribe)(void *context, uint16_t handle, const char *filter);
    /* Sends and receives, and takes the next event. False: there is none. After LOST there is none until `connect`. */
    bool (*poll)(void *context, uint32_t now_ms, struct reseal_link_event *event);
    /* Drops the connection or the attempt; no more events follow from it. */
    void (*disconnect)(void *context);
};

#ifdef __cplusplus
}
#endif
#endif
