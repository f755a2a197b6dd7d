/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes the voltage of a pulse sensor at GP26, sealed, and says on the serial line what its link does. */
#include <hardware/adc.h>
#include <pico/cyw43_arch.h>
#include <pico/stdlib.h>
#include <reseal/link.h>
#include <reseal/pico.h>
#include <reseal/pico/mqtt.h>
#include <stdio.h>

#include "credentials.h" /* scripts/provision export pico1 --format c-header --output credentials.h */
#include "network.h"     /* WIFI_NAME, WIFI_PASSWORD, BROKER, PORT: one of the broker's sealed_listeners */

static struct reseal_device device;
static struct reseal_link link;
static uint8_t memory[128], in[256], out[1024];
static struct reseal_message message = {.payload = {memory, sizeof memory, 0}};
static uint32_t waits_for; /* 0: nothing; a firmware that reads faster than it sends has a queue */

static void on_accepted(void *context, uint32_t number) {
    waits_for = waits_for == number ? 0 : waits_for;
}

static void on_changed(void *context, const struct reseal_link_status *status) {
    char line[RESEAL_LINK_LINE_SIZE];
    reseal_link_line(status, line);
    printf("%s\n", line);
}

static void publish(uint32_t now_ms) {
    static uint32_t last_ms;
    static bool sent;
    if (waits_for == 0 && now_ms - last_ms >= 1000) {
        char text[32];
        const int size = snprintf(text, sizeof text, "{\"pulse\":%u}", adc_read());
        const struct reseal_bytes reading = {(const uint8_t *)text, (size_t)size};
        last_ms = now_ms;
        waits_for = reseal_device_seal(&device, "ward/{id}/pulse", reading, &message) == RESEAL_OK ? now_ms : 0;
        sent = false;
    }
    sent = reseal_link_get_status(&link)->state == RESEAL_LINK_ONLINE && waits_for != 0 &&
           (sent || reseal_link_publish(&link, &message, waits_for) == RESEAL_LINK_SENT);
}

int main(void) {
    stdio_init_all();
    adc_init();
    adc_gpio_init(26);
    const struct reseal_pico_wifi wifi = {WIFI_NAME, WIFI_PASSWORD};
    const struct reseal_lwip_config lwip = {BROKER, PORT, NULL, {NULL}, {in, sizeof in, 0}, {out, sizeof out, 0}};
    const struct reseal_port port = reseal_pico_port();
    hard_assert(cyw43_arch_init() == 0);
    hard_assert(reseal_device_open(&device, &reseal_device_credentials, &port) == RESEAL_OK);
    struct reseal_link_config config = {&device, reseal_pico_mqtt_open(&wifi, &lwip), RESEAL_LISTENER_SEALED};
    config.random = port.random;
    config.calls = (struct reseal_link_calls){NULL, on_accepted, NULL, on_changed};
    hard_assert(reseal_link_open(&link, &config) == RESEAL_OK);
    for (;;) {
        const uint32_t now_ms = to_ms_since_boot(get_absolute_time());
        cyw43_arch_poll();
        reseal_link_step(&link, now_ms);
        publish(now_ms);
        cyw43_arch_wait_for_work_until(make_timeout_time_ms(10));
    }
}
