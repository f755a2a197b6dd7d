/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include <lwip/altcp_tls.h>
#include <lwip/apps/mqtt_priv.h>
#include <reseal/psk.h>
#include <string.h>

#include "tls_session.h"

static struct {
    const struct reseal_settings *settings;
    struct altcp_tls_config *config;
    uint8_t key_id[RESEAL_KEY_ID_SIZE]; /* of the key in it */
    bool has_key;
    struct tls_session session;
} self;

enum reseal_listener tls_listener(const struct reseal_settings *settings) {
    (void)settings;
    return RESEAL_LISTENER_PSK;
}

bool tls_open(const struct reseal_settings *settings) {
    self.settings = settings;
    return !settings->tls; /* the settings ask for certificates */
}

static bool has_present_key(void) {
    return self.has_key && memcmp(self.key_id, self.settings->credentials.key_id, sizeof self.key_id) == 0;
}

/* A configuration of mbedTLS takes one key, and keeps it. */
bool tls_use(struct mqtt_connect_client_info_t *info) {
    if (!has_present_key() && self.config != NULL) {
        altcp_tls_free_config(self.config);
        self.config = NULL;
    }
    if (self.config == NULL) {
        self.config = altcp_tls_create_config_client(NULL, 0);
        self.has_key = false;
    }
    info->tls_config = self.config;
    return self.config != NULL;
}

/*
 * lwIP has no call for a key. Its configuration can be reached through a connection, whose handshake has not begun yet;
 * that is const there, but was not made so.
 */
static bool give_key(mbedtls_ssl_context *ssl) {
    struct reseal_psk psk;
    const struct reseal_credentials *credentials = &self.settings->credentials;
    self.has_key = reseal_psk_derive(reseal_crypto_mbedtls(), credentials, &psk) == RESEAL_OK &&
                   mbedtls_ssl_conf_psk((mbedtls_ssl_config *)mbedtls_ssl_context_get_config(ssl), psk.key,
                                        sizeof psk.key, (const uint8_t *)psk.identity, strlen(psk.identity)) == 0;
    reseal_wipe(&psk, sizeof psk);
    memcpy(self.key_id, credentials->key_id, sizeof self.key_id);
    return self.has_key;
}

/* Only the broker has the key. */
bool tls_expect_broker(mqtt_client_t *client) {
    mbedtls_ssl_context *ssl = client->conn == NULL ? NULL : altcp_tls_context(client->conn);
    if (ssl == NULL || (!self.has_key && !give_key(ssl))) {
        return false;
    }
    tls_session_resume(&self.session, ssl, self.settings->credentials.key_id);
    return true;
}

void tls_keep_session(mqtt_client_t *client) {
    tls_session_keep(&self.session, altcp_tls_context(client->conn), self.settings->credentials.key_id);
}
