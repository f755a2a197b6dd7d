#include "tls.h"

#include <lwip/altcp_tls.h>
#include <lwip/apps/mqtt_priv.h>
#include <mbedtls/ssl.h>
#include <string.h>

static struct altcp_tls_config *tls;

/* PEM counts its NUL. */
static size_t size_of(const char *pem) {
    return strlen(pem) + 1;
}

bool tls_open(const struct configuration *configuration) {
    if (configuration->ca == NULL || configuration->certificate == NULL || configuration->key == NULL) {
        return false;
    }
    tls = altcp_tls_create_config_client_2wayauth((const u8_t *)configuration->ca, size_of(configuration->ca),
                                                  (const u8_t *)configuration->key, size_of(configuration->key), NULL,
                                                  0, (const u8_t *)configuration->certificate,
                                                  size_of(configuration->certificate));
    return tls != NULL;
}

void tls_use(struct mqtt_connect_client_info_t *info) {
    info->tls_config = tls;
}

/* lwIP leaves it to us: without, mbedTLS takes any certificate of our CA for the broker's, a device's for instance. */
bool tls_expect_name(mqtt_client_t *client, const char *name) {
    return client->conn != NULL && mbedtls_ssl_set_hostname(altcp_tls_context(client->conn), name) == 0;
}
