/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS session of the last connection, in RAM, so that the next one needs neither certificates nor a key exchange
 * (RFC 5077). Whoever has it can read and join that session: it is as secret as a key. It is offered once. Unless the
 * broker accepts the client there, the connection after that begins with a full handshake.
 *
 * For one broker and one proof of the device. Zeroed memory holds no session.
 */
#ifndef RESEAL_LINK_LWIP_TLS_SESSION_H
#define RESEAL_LINK_LWIP_TLS_SESSION_H

#include <mbedtls/ssl.h>
#include <reseal/key.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tls_session {
    mbedtls_ssl_session data;
    uint8_t key_id[RESEAL_KEY_ID_SIZE]; /* of the key that the device had */
    bool kept;
};

/* Before the handshake of `ssl`: offers the session, if there is one and the device still has that key. Wipes it. */
void tls_session_resume(struct tls_session *session, mbedtls_ssl_context *ssl,
                        const uint8_t key_id[RESEAL_KEY_ID_SIZE]);

/* Once the broker has accepted the client: keeps the session of `ssl`. Without memory for it, there is none. */
void tls_session_keep(struct tls_session *session, mbedtls_ssl_context *ssl, const uint8_t key_id[RESEAL_KEY_ID_SIZE]);

/* Wipes it. */
void tls_session_forget(struct tls_session *session);

#ifdef __cplusplus
}
#endif

#endif
