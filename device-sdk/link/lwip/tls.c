/* SPDX-License-Identifier: Apache-2.0 */
#include <lwip/altcp_tls.h>
#include <reseal/link_lwip_tls.h>

#if LWIP_ALTCP && LWIP_ALTCP_TLS
#include <lwip/mem.h>
#include <mbedtls/ssl.h>
#include <reseal/psk.h>
#include <string.h>

#include "tls_session.h"

/* Alerts (RFC 8446 section 6) by which a broker says what it thinks of us. */
enum {
    BAD_RECORD_MAC = 20,
    HANDSHAKE_FAILURE = 40,
    FIRST_OF_CERTIFICATE = 42, /* bad, unsupported, revoked, expired, unknown certificate */
    LAST_OF_CERTIFICATE = 46,
    UNKNOWN_CA = 48,
    DECRYPT_ERROR = 51,
    PROTOCOL_VERSION = 70,
    INSUFFICIENT_SECURITY = 71,
    UNKNOWN_PSK_IDENTITY = 115, /* RFC 4279 section 2 */
    CERTIFICATE_REQUIRED = 116
};

struct reseal_lwip_tls {
    struct altcp_tls_config *config;    /* null: none yet, or with an earlier key */
    mbedtls_ssl_config *inner;          /* what lwIP keeps in it; null before the first connection */
    const struct reseal_crypto *crypto; /* for TLS-PSK; null: with certificates */
    uint8_t key_id[RESEAL_KEY_ID_SIZE]; /* of the device's key at the last connection */
    struct tls_session session;
};

static struct reseal_lwip_tls *make(const struct reseal_crypto *crypto) {
    struct reseal_lwip_tls *tls = mem_calloc(1, sizeof *tls);
    if (tls != NULL) {
        tls->crypto = crypto;
    }
    return tls;
}

/* lwIP frees what it has allocated itself. mbedTLS's own, a pre-shared key among it, would stay in memory. */
static void forget_config(struct reseal_lwip_tls *tls) {
    if (tls->inner != NULL) {
        mbedtls_ssl_config_free(tls->inner);
        tls->inner = NULL;
    }
    if (tls->config != NULL) {
        altcp_tls_free_config(tls->config);
        tls->config = NULL;
    }
}

/* lwIP has no calls for a key, or to free all. Its configuration can be reached through a connection; that is const
 * there, but was not made so. */
static struct altcp_pcb *new_connection(struct reseal_lwip_tls *tls, uint8_t address_type) {
    struct altcp_pcb *connection = altcp_tls_new(tls->config, address_type);
    if (connection != NULL) {
        tls->inner = (mbedtls_ssl_config *)((const mbedtls_ssl_context *)altcp_tls_context(connection))->conf;
    }
    return connection;
}

void reseal_lwip_tls_free(struct reseal_lwip_tls *tls) {
    if (tls != NULL) {
        tls_session_forget(&tls->session);
        forget_config(tls);
        reseal_wipe(tls, sizeof *tls);
        mem_free(tls);
    }
}

struct reseal_lwip_tls *reseal_lwip_tls_make(struct reseal_bytes ca, struct reseal_bytes certificate,
                                             struct reseal_bytes private_key) {
    struct reseal_lwip_tls *tls = ca.size == 0 ? NULL : make(NULL); /* without CA it would trust anyone */
    if (tls == NULL) {
        return NULL;
    }
    tls->config = certificate.size == 0
                      ? altcp_tls_create_config_client(ca.data, ca.size)
                      : altcp_tls_create_config_client_2wayauth(ca.data, ca.size, private_key.data, private_key.size,
                                                                NULL, 0, certificate.data, certificate.size);
    if (tls->config == NULL) {
        reseal_lwip_tls_free(tls);
        tls = NULL;
    }
    return tls;
}

#ifdef MBEDTLS_KEY_EXCHANGE_PSK_ENABLED

struct reseal_lwip_tls *reseal_lwip_tls_make_psk(const struct reseal_crypto *crypto) {
    return crypto == NULL ? NULL : make(crypto);
}

/* No others: where certificates can be used, too, any server with one would pass as our broker. mbedTLS leaves out what
 * it was built without. */
static const int psk_suites[] = {MBEDTLS_TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256,
                                 MBEDTLS_TLS_PSK_WITH_CHACHA20_POLY1305_SHA256, MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256,
                                 MBEDTLS_TLS_PSK_WITH_AES_128_CCM, 0};

static bool give_key(struct reseal_lwip_tls *tls, const struct reseal_credentials *credentials) {
    struct reseal_psk psk;
    mbedtls_ssl_conf_ciphersuites(tls->inner, psk_suites);
    const bool given = reseal_psk_derive(tls->crypto, credentials, &psk) == RESEAL_OK &&
                       mbedtls_ssl_conf_psk(tls->inner, psk.key, sizeof psk.key, (const uint8_t *)psk.identity,
                                            strlen(psk.identity)) == 0;
    reseal_wipe(&psk, sizeof psk);
    return given;
}

/* A configuration of mbedTLS takes one key, and keeps it. */
static struct altcp_pcb *connect_with_key(struct reseal_lwip_tls *tls, const struct reseal_credentials *credentials,
                                          uint8_t address_type) {
    if (memcmp(tls->key_id, credentials->key_id, sizeof tls->key_id) != 0) {
        forget_config(tls);
    }
    const bool fresh = tls->config == NULL;
    if (fresh) {
        tls->config = altcp_tls_create_config_client(NULL, 0);
    }
    struct altcp_pcb *connection = tls->config == NULL ? NULL : new_connection(tls, address_type);
    if (connection != NULL && fresh && !give_key(tls, credentials)) {
        altcp_abort(connection);
        connection = NULL;
    }
    if (connection == NULL && fresh) {
        forget_config(tls); /* it has no key */
    }
    return connection;
}

#else

struct reseal_lwip_tls *reseal_lwip_tls_make_psk(const struct reseal_crypto *crypto) {
    (void)crypto;
    return NULL;
}

static struct altcp_pcb *connect_with_key(struct reseal_lwip_tls *tls, const struct reseal_credentials *credentials,
                                          uint8_t address_type) {
    (void)tls;
    (void)credentials;
    (void)address_type;
    return NULL;
}

#endif

/* lwIP leaves the name to us. Without it, mbedTLS accepts any certificate from our CA as the broker's, even a device's.
 */
static struct altcp_pcb *connect_with_certificates(struct reseal_lwip_tls *tls, const char *name,
                                                   uint8_t address_type) {
    struct altcp_pcb *connection = new_connection(tls, address_type);
    if (connection != NULL && mbedtls_ssl_set_hostname(altcp_tls_context(connection), name) != 0) {
        altcp_abort(connection);
        connection = NULL;
    }
    return connection;
}

struct altcp_pcb *reseal_lwip_tls_new(struct reseal_lwip_tls *tls, const struct reseal_credentials *credentials,
                                      const char *name, uint8_t address_type) {
    struct altcp_pcb *connection = tls->crypto != NULL ? connect_with_key(tls, credentials, address_type)
                                                       : connect_with_certificates(tls, name, address_type);
    if (connection != NULL) {
        memcpy(tls->key_id, credentials->key_id, sizeof tls->key_id);
        tls_session_resume(&tls->session, altcp_tls_context(connection), tls->key_id);
    }
    return connection;
}

void reseal_lwip_tls_keep(struct reseal_lwip_tls *tls, struct altcp_pcb *connection) {
    tls_session_keep(&tls->session, altcp_tls_context(connection), tls->key_id);
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

static bool uses_psk(const mbedtls_ssl_context *ssl) {
#ifdef MBEDTLS_KEY_EXCHANGE_PSK_ENABLED
    return ssl->conf->psk_identity != NULL;
#else
    (void)ssl;
    return false;
#endif
}

/* With another key than ours the broker cannot read the end of our handshake. */
static bool is_about_psk(uint8_t alert) {
    return alert == UNKNOWN_PSK_IDENTITY || alert == BAD_RECORD_MAC || alert == DECRYPT_ERROR;
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
        return uses_psk(ssl) && is_about_psk(ssl->in_msg[1]) ? RESEAL_LINK_TLS_OWN_KEY
                                                             : reason_of_alert(ssl->in_msg[1]);
    }
    return RESEAL_LINK_TLS_FAILED;
}

#else

struct reseal_lwip_tls *reseal_lwip_tls_make(struct reseal_bytes ca, struct reseal_bytes certificate,
                                             struct reseal_bytes private_key) {
    (void)ca;
    (void)certificate;
    (void)private_key;
    return NULL;
}

struct reseal_lwip_tls *reseal_lwip_tls_make_psk(const struct reseal_crypto *crypto) {
    (void)crypto;
    return NULL;
}

void reseal_lwip_tls_free(struct reseal_lwip_tls *tls) {
    (void)tls;
}

struct altcp_pcb *reseal_lwip_tls_new(struct reseal_lwip_tls *tls, const struct reseal_credentials *credentials,
                                      const char *name, uint8_t address_type) {
    (void)tls;
    (void)credentials;
    (void)name;
    (void)address_type;
    return NULL;
}

void reseal_lwip_tls_keep(struct reseal_lwip_tls *tls, struct altcp_pcb *connection) {
    (void)tls;
    (void)connection;
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
