/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS for the driver over lwIP: altcp_tls with mbedTLS 2.28 or 3. Without LWIP_ALTCP_TLS in lwipopts.h there is none.
 *
 * The session of the last connection is kept in RAM and resumed by ticket (RFC 5077): a reconnect then needs neither
 * certificates nor a key exchange (docs/device-cost.md). Only sessions of TLS 1.2 are. A session is offered once.
 * Unless the broker accepts the client there, or after the device's key has changed, the next handshake is a full one.
 */
#ifndef RESEAL_LINK_LWIP_TLS_H
#define RESEAL_LINK_LWIP_TLS_H

#include <reseal/crypto.h>
#include <reseal/key.h>
#include <reseal/link_driver.h>

#ifdef __cplusplus
extern "C" {
#endif

struct altcp_pcb;
struct reseal_lwip_tls; /* in lwIP's heap; as a rule it lives as long as the firmware */

/*
 * TLS with certificates. `ca`: the CA that signs the broker's certificate. `certificate` and `private_key`: the
 * device's own, or both empty. All as DER, or as PEM with its NUL; they are copied. Null: one of them cannot be used,
 * or there is no memory, or no TLS.
 */
struct reseal_lwip_tls *reseal_lwip_tls_make(struct reseal_bytes ca, struct reseal_bytes certificate,
                                             struct reseal_bytes private_key);

/*
 * TLS with a key derived from the device's own (reseal/psk.h), for a port of the broker's psk_listeners. Both sides
 * prove it; after a new key over the air, the next connection uses the new one. There is no forward secrecy, unless
 * MBEDTLS_KEY_EXCHANGE_ECDHE_PSK_ENABLED is defined. `crypto` must stay. Null: it is missing, or there is no memory, or
 * no TLS with MBEDTLS_KEY_EXCHANGE_PSK_ENABLED.
 */
struct reseal_lwip_tls *reseal_lwip_tls_make_psk(const struct reseal_crypto *crypto);

/* Wipes and frees it. No connection may use it any more. Null is allowed. */
void reseal_lwip_tls_free(struct reseal_lwip_tls *tls);

/* What follows is for the driver. */

/*
 * A new connection, not connected yet, on which the broker must prove itself: by a certificate that carries `name`, or
 * by the key of `credentials`, the device's present ones. It offers the session that was kept with the same key. There
 * must be no other connection. Null: no memory.
 */
struct altcp_pcb *reseal_lwip_tls_new(struct reseal_lwip_tls *tls, const struct reseal_credentials *credentials,
                                      const char *name, uint8_t address_type);

/* Once the broker has accepted the client: keeps the session of `connection` for the next one. */
void reseal_lwip_tls_keep(struct reseal_lwip_tls *tls, struct altcp_pcb *connection);

/* Whether TCP is through and the handshake has begun. */
bool reseal_lwip_tls_has_begun(struct altcp_pcb *connection);

/* After the handshake: whether the broker has proven itself. */
bool reseal_lwip_tls_is_verified(struct altcp_pcb *connection);

/* Why the handshake failed, or the certificate is not the broker's; from inside lwIP's callback. Sets the code
 * (reseal/link_driver.h). */
enum reseal_link_reason reseal_lwip_tls_reason(struct altcp_pcb *connection, int32_t *code);

#ifdef __cplusplus
}
#endif
#endif
