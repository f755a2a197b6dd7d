/* SPDX-License-Identifier: Apache-2.0 */
#include "tls.h"

#include <lwip/altcp_tls.h>
#include <lwip/apps/mqtt_priv.h>
#include <mbedtls/ssl.h>

static struct altcp_tls_config *tls;

bool tls_open(const struct reseal_settings *settings) {
    if (!settings->tls) {
        return true;
    }
    const struct reseal_certificate *own = &settings->certificate;
    tls = own->size == 0
              ? altcp_tls_create_config_client(settings->ca.der, settings->ca.size)
              : altcp_tls_create_config_client_2wayauth(settings->ca.der, settings->ca.size, settings->private_key.der,
                                                        settings->private_key.size, NULL, 0, own->der, own->size);
    return tls != NULL;
}

void tls_use(struct mqtt_connect_client_info_t *info) {
    info->tls_config = tls;
}

/* lwIP leaves this to us. Without it, mbedTLS accepts any certificate from our CA as the broker's, even a device's. */
bool tls_expect_name(mqtt_client_t *client, const char *name) {
    return tls == NULL ||
           (client->conn != NULL && mbedtls_ssl_set_hostname(altcp_tls_context(client->conn), name) == 0);
}
