/* SPDX-License-Identifier: Apache-2.0 */
/* The kind of listener that a CONNECT proof is for (docs/protocol.md, "Sealed CONNECT"). It opens on no other kind. */
#ifndef RESEAL_CONNECT_H
#define RESEAL_CONNECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* The listener that a client connects to. */
enum reseal_listener {
    RESEAL_LISTENER_SEALED = 1,   /* without TLS, for other machines: sealed_listeners in reseal.yaml */
    RESEAL_LISTENER_LOOPBACK = 2, /* without TLS, on the broker's machine: loopback_listeners */
    RESEAL_LISTENER_PSK = 3,      /* TLS with a pre-shared key: psk_listeners */
    RESEAL_LISTENER_TLS = 4       /* TLS with the client's certificate */
};

enum { RESEAL_CONNECT_PREFIX_MAX = 18 }; /* "$connect/loopback/" */

/*
 * The prefix before the client id in a proof's topic, for instance "$connect/sealed/". An empty string for a number
 * that is not a listener.
 */
const char *reseal_connect_prefix(enum reseal_listener listener);

#ifdef __cplusplus
}
#endif
#endif
