/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_pair.h"

#include <certificates.h>
#include <mbedtls/version.h>
#include <string.h>

#include "heap.h"

enum { TICKET_SECONDS = 7200, PSK_SIZE = 32 };

static const uint8_t psk[PSK_SIZE] = {1};
static const char identity[] = "pico1/01020304050607";

/* "Random" bytes that are the same in each run, so that the figures are. */
static int seed(void *context, unsigned char *out, size_t size) {
    memset(out, *(const int *)context, size);
    return 0;
}

static int put(void *context, const unsigned char *data, size_t size) {
    struct tls_pipe *pipe = ((struct tls_end *)context)->out;
    if (size > sizeof pipe->bytes - pipe->end) {
        return MBEDTLS_ERR_SSL_WANT_WRITE;
    }
    memcpy(pipe->bytes + pipe->end, data, size);
    pipe->end += size;
    pipe->total += (uint32_t)size;
    return (int)size;
}

static int take(void *context, unsigned char *out, size_t size) {
    struct tls_pipe *pipe = ((struct tls_end *)context)->in;
    const size_t there = pipe->end - pipe->begin;
    const size_t taken = size < there ? size : there;
    if (taken == 0) {
        pipe->begin = pipe->end = 0;
        return MBEDTLS_ERR_SSL_WANT_READ;
    }
    memcpy(out, pipe->bytes + pipe->begin, taken);
    pipe->begin += taken;
    return (int)taken;
}

static bool read_key(struct tls_end *end, const uint8_t *der, size_t size) {
#if MBEDTLS_VERSION_MAJOR >= 3
    return mbedtls_pk_parse_key(&end->key, der, size, NULL, 0, mbedtls_ctr_drbg_random, &end->random) == 0;
#else
    return mbedtls_pk_parse_key(&end->key, der, size, NULL, 0) == 0;
#endif
}

static bool open_end(struct tls_end *end, int role, const int *suites) {
    mbedtls_ssl_config_init(&end->config);
    mbedtls_ctr_drbg_init(&end->random);
    mbedtls_x509_crt_init(&end->ca);
    mbedtls_x509_crt_init(&end->own);
    mbedtls_pk_init(&end->key);
    mbedtls_ssl_init(&end->ssl);
    if (mbedtls_ctr_drbg_seed(&end->random, seed, &role, NULL, 0) != 0 ||
        mbedtls_ssl_config_defaults(&end->config, role, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT) !=
            0) {
        return false;
    }
    mbedtls_ssl_conf_rng(&end->config, mbedtls_ctr_drbg_random, &end->random);
    mbedtls_ssl_conf_ciphersuites(&end->config, suites);
    return true;
}

static bool use_psk(struct tls_end *end) {
    return mbedtls_ssl_conf_psk(&end->config, psk, sizeof psk, (const uint8_t *)identity, sizeof identity - 1) == 0;
}

static bool trust(struct tls_end *end) {
    static const uint8_t ca[] = {TLS_CA};
    mbedtls_ssl_conf_authmode(&end->config, MBEDTLS_SSL_VERIFY_REQUIRED);
    mbedtls_ssl_conf_ca_chain(&end->config, &end->ca, NULL);
    return mbedtls_x509_crt_parse_der(&end->ca, ca, sizeof ca) == 0;
}

static bool use_own(struct tls_end *end, const uint8_t *certificate, size_t size, const uint8_t *key, size_t key_size) {
    return mbedtls_x509_crt_parse_der(&end->own, certificate, size) == 0 && read_key(end, key, key_size) &&
           mbedtls_ssl_conf_own_cert(&end->config, &end->own, &end->key) == 0;
}

static bool prove_client(struct tls_end *client, enum tls_proof proof) {
    static const uint8_t certificate[] = {TLS_CLIENT};
    static const uint8_t key[] = {TLS_CLIENT_KEY};
    if (proof == TLS_PSK) {
        return use_psk(client);
    }
    return trust(client) &&
           (proof == TLS_SERVER_CERTIFICATE || use_own(client, certificate, sizeof certificate, key, sizeof key));
}

static bool prove_server(struct tls_end *server, enum tls_proof proof) {
    static const uint8_t certificate[] = {TLS_SERVER};
    static const uint8_t key[] = {TLS_SERVER_KEY};
    if (proof == TLS_PSK) {
        return use_psk(server);
    }
    return use_own(server, certificate, sizeof certificate, key, sizeof key) &&
           (proof == TLS_SERVER_CERTIFICATE || trust(server));
}

static bool open_server(struct tls_pair *pair, const struct tls_way *way) {
    struct tls_end *server = &pair->server;
    mbedtls_ssl_ticket_init(&pair->tickets);
    mbedtls_ssl_cache_init(&pair->cache);
    if (!open_end(server, MBEDTLS_SSL_IS_SERVER, pair->suites) || !prove_server(server, way->proof) ||
        mbedtls_ssl_ticket_setup(&pair->tickets, mbedtls_ctr_drbg_random, &server->random, MBEDTLS_CIPHER_AES_256_GCM,
                                 TICKET_SECONDS) != 0) {
        return false;
    }
    mbedtls_ssl_conf_session_tickets_cb(&server->config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse,
                                        &pair->tickets);
    mbedtls_ssl_conf_session_cache(&server->config, &pair->cache, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
    return true;
}

bool tls_pair_open(struct tls_pair *pair, const struct tls_way *way) {
    memset(pair, 0, sizeof *pair);
    pair->suites[0] = way->suite;
    pair->client.out = pair->server.in = &pair->up;
    pair->client.in = pair->server.out = &pair->down;
    device_heap_counts(false);
    const bool served = open_server(pair, way);
    device_heap_counts(true);
    if (!served || !open_end(&pair->client, MBEDTLS_SSL_IS_CLIENT, pair->suites)) {
        return false;
    }
    mbedtls_ssl_conf_session_tickets(&pair->client.config, way->tickets ? MBEDTLS_SSL_SESSION_TICKETS_ENABLED
                                                                        : MBEDTLS_SSL_SESSION_TICKETS_DISABLED);
    return prove_client(&pair->client, way->proof);
}

static void close_end(struct tls_end *end) {
    mbedtls_ssl_config_free(&end->config);
    mbedtls_pk_free(&end->key);
    mbedtls_x509_crt_free(&end->own);
    mbedtls_x509_crt_free(&end->ca);
    mbedtls_ctr_drbg_free(&end->random);
}

void tls_pair_close(struct tls_pair *pair) {
    close_end(&pair->client);
    close_end(&pair->server);
    mbedtls_ssl_ticket_free(&pair->tickets);
    mbedtls_ssl_cache_free(&pair->cache);
}

static bool connect_end(struct tls_end *end) {
    end->connected = false;
    mbedtls_ssl_init(&end->ssl);
    mbedtls_ssl_set_bio(&end->ssl, end, put, take, NULL);
    return mbedtls_ssl_setup(&end->ssl, &end->config) == 0;
}

bool tls_pair_connect(struct tls_pair *pair, const mbedtls_ssl_session *session) {
    memset(&pair->up, 0, sizeof pair->up);
    memset(&pair->down, 0, sizeof pair->down);
    device_heap_counts(false);
    const bool served = connect_end(&pair->server);
    device_heap_counts(true);
    return served && connect_end(&pair->client) && mbedtls_ssl_set_hostname(&pair->client.ssl, TLS_SERVER_NAME) == 0 &&
           (session == NULL || mbedtls_ssl_set_session(&pair->client.ssl, session) == 0);
}

void tls_pair_disconnect(struct tls_pair *pair) {
    mbedtls_ssl_free(&pair->client.ssl);
    mbedtls_ssl_free(&pair->server.ssl);
}

/* Until it waits for the other one. */
static bool step(struct tls_end *end) {
    const int result = mbedtls_ssl_handshake(&end->ssl);
    end->connected = result == 0;
    return result == 0 || result == MBEDTLS_ERR_SSL_WANT_READ;
}

bool tls_pair_client_step(struct tls_pair *pair) {
    return step(&pair->client);
}

bool tls_pair_server_step(struct tls_pair *pair) {
    device_heap_counts(false);
    const bool well = step(&pair->server);
    device_heap_counts(true);
    return well;
}
