/* SPDX-License-Identifier: Apache-2.0 */
/* Sends one reading to a broker and waits until it is accepted: link_posix HOST PORT CA CERTIFICATE KEY. */
#include <reseal/link.h>
#include <reseal/link_mosquitto.h>
#include <reseal/posix.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "credentials.h" /* scripts/provision export pico1 --format c-header --output credentials.h */

static bool done;

static void on_accepted(void *context, uint32_t number) {
    done = number == 1;
}

static void on_changed(void *context, const struct reseal_link_status *status) {
    char line[RESEAL_LINK_LINE_SIZE];
    reseal_link_line(status, line);
    (void)fprintf(context, "%s\n", line);
}

static uint32_t now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_sec * 1000U + (uint32_t)(now.tv_nsec / 1000000);
}

int main(int argc, char **argv) {
    static struct reseal_posix_epochs epochs;
    static struct reseal_device device;
    static struct reseal_mosquitto mosquitto;
    static struct reseal_link link;
    static uint8_t memory[256];
    static struct reseal_message message = {.payload = {memory, sizeof memory, 0}};
    if (argc != 6 || reseal_posix_epochs_open(&epochs, "link.epoch") != RESEAL_OK) {
        return 2;
    }
    const struct reseal_port port = {
        reseal_crypto_openssl(), reseal_posix_epoch_store(&epochs), reseal_posix_random(), {0}};
    const struct reseal_mosquitto_config broker = {argv[1], (uint16_t)atoi(argv[2]), argv[3], argv[4], argv[5], NULL,
                                                   NULL};
    const struct reseal_link_config config = {.device = &device,
                                              .driver = reseal_mosquitto_open(&mosquitto, &broker),
                                              .listener = RESEAL_LISTENER_TLS,
                                              .random = port.random,
                                              .calls = {stderr, on_accepted, NULL, on_changed}};
    const struct reseal_bytes text = {(const uint8_t *)"{\"pulse\":72}", 12};
    const bool works = reseal_device_open(&device, &reseal_device_credentials, &port) == RESEAL_OK &&
                       reseal_device_seal(&device, "ward/{id}/vitals/pulse", text, &message) == RESEAL_OK &&
                       reseal_link_open(&link, &config) == RESEAL_OK;
    bool sent = false;
    while (works && !done) {
        reseal_link_step(&link, now_ms());
        sent = reseal_link_get_status(&link)->state == RESEAL_LINK_ONLINE &&
               (sent || reseal_link_publish(&link, &message, 1) == RESEAL_LINK_SENT);
        reseal_mosquitto_wait(&mosquitto, 20);
    }
    return done ? 0 : 1;
}
