/* SPDX-License-Identifier: Apache-2.0 */
/* A TLS client, configured as ports/pico configures it, and a server, which pass each other bytes in memory. */
#ifndef RESEAL_DEVICE_TLS_PAIR_H
#define RESEAL_DEVICE_TLS_PAIR_H

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>
#include <mbedtls/ssl_ticket.h>
#include <stdbool.h>
#include <stdint.h>

enum tls_proof { TLS_BOTH_CERTIFICATES, TLS_SERVER_CERTIFICATE, TLS_PSK };

struct tls_way {
    enum tls_proof proof;
    int suite; /* TLS cipher suite, MBEDTLS_TLS_... */
    bool tickets;
};

/* One direction. */
struct tls_pipe {
    uint8_t bytes[4096];
    size_t begin;
    size_t end;
    uint32_t total; /* bytes that have passed */
};

struct tls_end {
    mbedtls_ssl_context ssl;
    mbedtls_ssl_config config;
    mbedtls_ctr_drbg_context random;
    mbedtls_x509_crt ca;
    mbedtls_x509_crt own;
    mbedtls_pk_context key;
    bool connected; /* it is through the handshake */
    struct tls_pipe *out;
    struct tls_pipe *in;
};

struct tls_pair {
    int suites[2];
    struct tls_pipe up; /* to the server */
    struct tls_pipe down;
    struct tls_end client;
    struct tls_end server;
    mbedtls_ssl_ticket_context tickets;
    mbedtls_ssl_cache_context cache;
};

/* Reads keys and certificates and makes both configurations. Does not connect. False if something cannot be used. */
bool tls_pair_open(struct tls_pair *pair, const struct tls_way *way);
void tls_pair_close(struct tls_pair *pair);

/* A new connection of both: nothing has passed. `session`, if not null, is resumed by the client. */
bool tls_pair_connect(struct tls_pair *pair, const mbedtls_ssl_session *session);
void tls_pair_disconnect(struct tls_pair *pair);

/* One side works until it waits for the other one. False if it has failed. */
bool tls_pair_client_step(struct tls_pair *pair);
bool tls_pair_server_step(struct tls_pair *pair);

#endif
