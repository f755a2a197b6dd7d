/* SPDX-License-Identifier: Apache-2.0 */
#include <lwip/altcp_tls.h>
#include <reseal/link_lwip_tls.h>

#if LWIP_ALTCP && LWIP_ALTCP_TLS
#include <mbedtls/ssl.h>

/* Alerts (RFC 8446 section 6) by which a broker says what it thinks of us. */
enum {
    HANDSHAKE_FAILURE = 40,
    FIRST_OF_CERTIFICATE = 42, /* bad, unsupported, revoked, expired, unknown certificate */
    LAST_OF_CERTIFICATE = 46,
    UNKNOWN_CA = 48,
    PROTOCOL_VERSION = 70,
    INSUFFICIENT_SECURITY = 71,
    CERTIFICATE_REQUIRED = 116
};

struct altcp_tls_config *reseal_lwip_tls_make(struct reseal_bytes ca, struct reseal_bytes certificate,
                                              struct reseal_bytes private_key) {
    if (ca.size == 0) {
        return NULL; /* it would trust anyone */
    }
    return certificate.size == 0
               ? altcp_tls_create_config_client(ca.data, ca.size)
               : altcp_tls_create_config_client_2wayauth(ca.data, ca.size, private_key.data, private_key.size, NULL, 0,
                                                         certificate.data, certificate.size);
}

/* lwIP leaves the name to us. Without it, mbedTLS accepts any certificate from our CA as the broker's, even a device's.
 */
struct altcp_pcb *reseal_lwip_tls_new(struct altcp_tls_config *tls, const char *name, uint8_t address_type) {
    struct altcp_pcb *connection = altcp_tls_new(tls, address_type);
    if (connection != NULL && mbedtls_ssl_set_hostname(altcp_tls_context(connection), name) != 0) {
        altcp_abort(connection);
        connection = NULL;
    }
    return connection;
}

bool reseal_lwip_tls_has_begun(struct altcp_pcb *connection) {
    const mbedtls_ssl_context *ssl = altcp_tls_context(connection);
    return ssl != NULL && ssl->state > MBEDTLS_SSL_CLIENT_HELLO;
}

bool reseal_lwip_tls_is_verified(struct altcp_pcb *connection) {
    const mbedtls_ssl_context *ssl = altcp_tls_context(connection);
    return ssl != NULL && mbedtls_ssl_get_verify_result(ssl) == 0;
}

static enum reseal_link_reason reason_of_flags(uint32_t flags) {
    if ((flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0) {
        return RESEAL_LINK_TLS_UNTRUSTED;
    }
    if ((flags & MBEDTLS_X509_BADCERT_CN_MISMATCH) != 0) {
        return RESEAL_LINK_TLS_WRONG_NAME;
    }
    const uint32_t dates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE | MBEDTLS_X509_BADCERT_REVOKED;
    return (flags & dates) != 0 ? RESEAL_LINK_TLS_EXPIRED : RESEAL_LINK_TLS_UNTRUSTED;
}

static enum reseal_link_reason reason_of_alert(uint8_t alert) {
    if ((alert >= FIRST_OF_CERTIFICATE && alert <= LAST_OF_CERTIFICATE) || alert == UNKNOWN_CA) {
        return RESEAL_LINK_TLS_OWN_CERTIFICATE;
    }
    const bool common = alert == HANDSHAKE_FAILURE || alert == PROTOCOL_VERSION || alert == INSUFFICIENT_SECURITY ||
                        alert == CERTIFICATE_REQUIRED;
    return common ? RESEAL_LINK_TLS_NOTHING_IN_COMMON : RESEAL_LINK_TLS_FAILED;
}

enum reseal_link_reason reseal_lwip_tls_reason(struct altcp_pcb *connection, int32_t *code) {
    const mbedtls_ssl_context *ssl = altcp_tls_context(connection);
    const uint32_t flags = ssl == NULL ? 0 : mbedtls_ssl_get_verify_result(ssl);
    *code = 0;
    if (flags != 0 && flags != UINT32_MAX) { /* all bits: it has not come that far */
        *code = (int32_t)flags;
        return reason_of_flags(flags);
    }
    if (ssl != NULL && ssl->in_msgtype == MBEDTLS_SSL_MSG_ALERT && ssl->in_msg != NULL) {
        *code = ssl->in_msg[1];
        return reason_of_alert(ssl->in_msg[1]);
    }
    return RESEAL_LINK_TLS_FAILED;
}

#else

struct altcp_tls_config *reseal_lwip_tls_make(struct reseal_bytes ca, struct reseal_bytes certificate,
                                              struct reseal_bytes private_key) {
    (void)ca;
    (void)certificate;
    (void)private_key;
    return NULL;
}

struct altcp_pcb *reseal_lwip_tls_new(struct altcp_tls_config *tls, const char *name, uint8_t address_type) {
    (void)tls;
    (void)name;
    (void)address_type;
    return NULL;
}

bool reseal_lwip_tls_has_begun(struct altcp_pcb *connection) {
    (void)connection;
    return false;
}

bool reseal_lwip_tls_is_verified(struct altcp_pcb *connection) {
    (void)connection;
    return false;
}

enum reseal_link_reason reseal_lwip_tls_reason(struct altcp_pcb *connection, int32_t *code) {
    (void)connection;
    *code = 0;
    return RESEAL_LINK_TLS_FAILED;
}

#endif
