/* SPDX-License-Identifier: Apache-2.0 */
/* TLS for the driver over lwIP: altcp_tls with mbedTLS 2.28 or 3. Without LWIP_ALTCP_TLS in lwipopts.h there is none.
 */
#ifndef RESEAL_LINK_LWIP_TLS_H
#define RESEAL_LINK_LWIP_TLS_H

#include <reseal/link_driver.h>

#ifdef __cplusplus
extern "C" {
#endif

struct altcp_pcb;
struct altcp_tls_config;

/*
 * `ca`: the CA that signs the broker's certificate. `certificate` and `private_key`: the device's own, or both empty.
 * All as DER, or as PEM with its NUL. Once, at the start: it lives as long as the firmware. Null: one of them cannot be
 * used, or there is no memory, or no TLS.
 */
struct altcp_tls_config *reseal_lwip_tls_make(struct reseal_bytes ca, struct reseal_bytes certificate,
                                              struct reseal_bytes private_key);

/* A new connection, not connected yet, on which the broker's certificate must carry `name`. Null: no memory. */
struct altcp_pcb *reseal_lwip_tls_new(struct altcp_tls_config *tls, const char *name, uint8_t address_type);

/* Whether TCP is through and the handshake has begun. */
bool reseal_lwip_tls_has_begun(struct altcp_pcb *connection);

/* After the handshake: whether the broker's certificate is from our CA and carries the name. */
bool reseal_lwip_tls_is_verified(struct altcp_pcb *connection);

/* Why the handshake failed, or the certificate is not the broker's; from inside lwIP's callback. Sets the code
 * (reseal/link_driver.h). */
enum reseal_link_reason reseal_lwip_tls_reason(struct altcp_pcb *connection, int32_t *code);

#ifdef __cplusplus
}
#endif
#endif
