/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include <lwip/altcp_tls.h>
#include <lwip/apps/mqtt_priv.h>

#include "tls_session.h"

static struct {
    const struct reseal_settings *settings;
    struct altcp_tls_config *config; /* null without TLS */
    struct tls_session session;
} self;

enum reseal_listener tls_listener(const struct reseal_settings *settings) {
    return settings->tls && settings->certificate.size > 0 ? RESEAL_LISTENER_TLS : RESEAL_LISTENER_SEALED;
}

bool tls_open(const struct reseal_settings *settings) {
    self.settings = settings;
    if (!settings->tls) {
        return true;
    }
    const struct reseal_certificate *own = &settings->certificate;
    self.config = own->size == 0 ? altcp_tls_create_config_client(settings->ca.der, settings->ca.size)
                                 : altcp_tls_create_config_client_2wayauth(
                                       settings->ca.der, settings->ca.size, settings->private_key.der,
                                       settings->private_key.size, NULL, 0, own->der, own->size);
    return self.config != NULL;
}

bool tls_use(struct mqtt_connect_client_info_t *info) {
    info->tls_config = self.config;
    return true;
}

/* lwIP leaves the name to us. Without it, mbedTLS accepts any certificate from our CA as the broker's, even a device's.
 */
bool tls_expect_broker(mqtt_client_t *client) {
    if (self.config == NULL) {
        return true;
    }
    mbedtls_ssl_context *ssl = client->conn == NULL ? NULL : altcp_tls_context(client->conn);
    if (ssl == NULL || mbedtls_ssl_set_hostname(ssl, self.settings->broker) != 0) {
        return false;
    }
    tls_session_resume(&self.session, ssl, self.settings->credentials.key_id);
    return true;
}

void tls_keep_session(mqtt_client_t *client) {
    if (self.config != NULL) {
        tls_session_keep(&self.session, altcp_tls_context(client->conn), self.settings->credentials.key_id);
    }
}
