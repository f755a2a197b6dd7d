/* SPDX-License-Identifier: Apache-2.0 */
#include <mbedtls/version.h>

#ifdef MBEDTLS_SSL_TLS_C
#include <string.h>

#include "tls_session.h"

void tls_session_forget(struct tls_session *session) {
    if (session->kept) {
        mbedtls_ssl_session_free(&session->data);
    }
    session->kept = false;
}

void tls_session_resume(struct tls_session *session, mbedtls_ssl_context *ssl,
                        const uint8_t key_id[RESEAL_KEY_ID_SIZE]) {
    if (session->kept && memcmp(session->key_id, key_id, RESEAL_KEY_ID_SIZE) == 0) {
        (void)mbedtls_ssl_set_session(ssl, &session->data); /* a copy; without memory for it the handshake is full */
    }
    tls_session_forget(session);
}

void tls_session_keep(struct tls_session *session, mbedtls_ssl_context *ssl, const uint8_t key_id[RESEAL_KEY_ID_SIZE]) {
    tls_session_forget(session);
    mbedtls_ssl_session_init(&session->data);
    memcpy(session->key_id, key_id, RESEAL_KEY_ID_SIZE);
    session->kept = true;
    if (mbedtls_ssl_get_session(ssl, &session->data) != 0) {
        tls_session_forget(session);
    }
}

#endif
