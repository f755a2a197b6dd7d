/* SPDX-License-Identifier: Apache-2.0 */
/* What it costs a device to connect over TLS, and to send and receive there: prints "name value" lines. */
#include <mbedtls/ssl_ciphersuites.h>
#include <reseal/envelope.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "heap.h"
#include "measure.h"
#include "tls_pair.h"

/* MQTT packets at QoS 1, with a topic of 23 bytes and a reading of 64. */
enum {
    PUBLISH_CLEAR = 2 + 2 + 23 + 2 + 64,
    PUBLISH_SEALED = 3 + 2 + 23 + 2 + 64 + RESEAL_OVERHEAD_MAX,
    PUBACK = 4,
    RECORD_MAX = 256,
    TIMES = 10
};

/* Each has ChaCha20/Poly1305, which Mosquitto's OpenSSL chooses of what the Pico offers. */
enum {
    ECDHE_ECDSA = MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
    PSK = MBEDTLS_TLS_PSK_WITH_CHACHA20_POLY1305_SHA256,
    ECDHE_PSK = MBEDTLS_TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256
};

static struct tls_pair pair;
static bool well;

static void client_step(void) {
    MARK_STACK();
    well = tls_pair_client_step(&pair);
}

struct cost {
    uint32_t instructions;
    uint32_t stack;
};

static void count_instructions(struct cost *cost) {
    cost->instructions += instructions_of(client_step, 1);
}

static void find_stack(struct cost *cost) {
    const uint32_t size = stack_of(client_step);
    cost->stack = size > cost->stack ? size : cost->stack;
}

typedef void step_measured(struct cost *cost);

static uint32_t round_trips; /* of the last handshake: after each the client goes on */

static bool server_step(void) {
    const uint32_t before = pair.down.total;
    const bool ok = tls_pair_server_step(&pair);
    round_trips += pair.down.total > before ? 1 : 0;
    return ok;
}

/* False if the handshake fails, or takes more flights than any has. */
static bool shake_hands(const mbedtls_ssl_session *session, step_measured *step, struct cost *cost) {
    enum { FLIGHTS_MAX = 4 };
    bool ok = tls_pair_connect(&pair, session);
    round_trips = 0;
    for (int flight = 0; ok && !(pair.client.connected && pair.server.connected) && flight < FLIGHTS_MAX; flight++) {
        step(cost);
        ok = well && server_step();
    }
    return ok && pair.client.connected && pair.server.connected;
}

static void figure(const char *way, const char *name, uint32_t value) {
    printf("%s_%s %lu\n", way, name, (unsigned long)value);
}

static void measure(const char *way, const mbedtls_ssl_session *session) {
    struct cost cost = {0};
    (void)device_heap_peak();
    check(shake_hands(session, count_instructions, &cost), way, "does not connect");
    figure(way, "instructions", cost.instructions);
    figure(way, "heap", (uint32_t)device_heap_peak());
    figure(way, "round_trips", round_trips);
    figure(way, "bytes_up", pair.up.total);
    figure(way, "bytes_down", pair.down.total);
    tls_pair_disconnect(&pair);
    check(shake_hands(session, find_stack, &cost), way, "does not connect again");
    figure(way, "stack", cost.stack);
}

static uint8_t record[RECORD_MAX];
static size_t record_size;

static void write_record(void) {
    pair.up.begin = pair.up.end = 0;
    well = mbedtls_ssl_write(&pair.client.ssl, record, record_size) == (int)record_size;
}

static void read_record(void) {
    well = mbedtls_ssl_read(&pair.client.ssl, record, sizeof record) == (int)record_size;
}

static void measure_writing(const char *name, size_t size) {
    record_size = size;
    const uint32_t before = pair.up.total;
    write_record();
    figure(name, "bytes", pair.up.total - before);
    figure(name, "instructions", instructions_of(write_record, TIMES));
    check(well, name, "is not sent");
}

/* What the server has sent, all at once. */
static void measure_reading(const char *name, size_t size) {
    record_size = size;
    uint32_t instructions = 0;
    for (int i = 0; i < TIMES; i++) {
        check(mbedtls_ssl_write(&pair.server.ssl, record, size) == (int)size, name, "is not sent");
        instructions += instructions_of(read_record, 1) / TIMES;
        check(well, name, "is not received");
    }
    figure(name, "instructions", instructions);
}

static void open_way(const char *name, const struct tls_way *way) {
    (void)device_heap_peak();
    check(tls_pair_open(&pair, way), name, "cannot be configured");
}

static void close_way(void) {
    tls_pair_disconnect(&pair);
    tls_pair_close(&pair);
}

static void measure_full(const char *name, const struct tls_way *way) {
    open_way(name, way);
    measure(name, NULL);
    close_way();
}

/* They cost the same however the connection came about. */
static void measure_records(const struct tls_way *way) {
    struct cost unused = {0};
    open_way("records", way);
    check(shake_hands(NULL, count_instructions, &unused), "records", "does not connect");
    measure_writing("record_of_reading", PUBLISH_CLEAR);
    measure_writing("record_of_sealed_reading", PUBLISH_SEALED);
    measure_reading("record_of_puback", PUBACK);
    close_way();
}

static void measure_resumed(const char *name, const struct tls_way *way) {
    struct cost unused = {0};
    mbedtls_ssl_session session;
    mbedtls_ssl_session_init(&session);
    open_way(name, way);
    check(shake_hands(NULL, count_instructions, &unused), name, "does not connect at first");
    check(mbedtls_ssl_get_session(&pair.client.ssl, &session) == 0, name, "has no session");
    tls_pair_disconnect(&pair);
    measure(name, &session);
    mbedtls_ssl_session_free(&session);
    close_way();
}

int main(void) {
    const struct tls_way certificates = {TLS_BOTH_CERTIFICATES, ECDHE_ECDSA, true};
    const struct tls_way server_only = {TLS_SERVER_CERTIFICATE, ECDHE_ECDSA, true};
    const struct tls_way no_tickets = {TLS_BOTH_CERTIFICATES, ECDHE_ECDSA, false};
    const struct tls_way psk = {TLS_PSK, PSK, true};
    const struct tls_way ecdhe_psk = {TLS_PSK, ECDHE_PSK, true};
    measure_full("certificates", &certificates);
    measure_full("server_certificate", &server_only);
    measure_resumed("session_id", &no_tickets);
    measure_resumed("ticket", &certificates);
    measure_full("ecdhe_psk", &ecdhe_psk);
    measure_full("psk", &psk);
    measure_resumed("psk_ticket", &psk);
    measure_records(&psk);
    return check_end();
}
