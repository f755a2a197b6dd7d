/* SPDX-License-Identifier: Apache-2.0 */
#include <hardware/watchdog.h>
#include <pico/cyw43_arch.h>
#include <pico/stdlib.h>
#include <reseal/pico.h>
#include <reseal/pico/mqtt.h>
#include <stdio.h>

#include "app/stored_settings.h"
#include "app/vitals.h"
#include "built_in.h"
#include "pico_board.h"
#include "setup_mode.h"

enum {
    STEP_MS = 10,
    WATCHDOG_MS = 8000, /* a TLS handshake takes an RP2040 seconds */
    OUTGOING_MAX = 2048 /* four readings at once, so that a queue empties fast after an outage */
};

static struct reseal_settings settings;
static struct vitals vitals; /* with the readings of an outage */

/* Shows permanently that this device cannot work, and says why on the serial line. */
static _Noreturn void stop(const char *why, enum led_pattern pattern) {
    for (uint32_t ms = 0;; ms += STEP_MS) {
        if (ms % 2000 == 0) {
            printf("%s\n", why);
        }
        pico_board_led(led_is_on(pattern, ms));
        cyw43_arch_poll();
        sleep_ms(STEP_MS);
    }
}

static void run(void) {
    watchdog_enable(WATCHDOG_MS, true);
    for (;;) {
        watchdog_update();
        cyw43_arch_poll();
        vitals_step(&vitals);
        cyw43_arch_wait_for_work_until(make_timeout_time_ms(STEP_MS));
    }
}

/* The settings in flash, or else the compiled-in ones. */
static enum reseal_status load_settings(void) {
    const enum reseal_status status = stored_settings_read(reseal_pico_settings_flash(), &settings);
    if (status == RESEAL_OK && !settings.has_credentials) {
        (void)built_in_settings(&settings);
    }
    return status;
}

static bool uses_psk(void) {
    return VITALS_TLS && !VITALS_CERTIFICATES;
}

/* Null: without TLS. */
static struct reseal_lwip_tls *open_tls(void) {
    const struct reseal_bytes ca = {settings.ca.der, settings.ca.size};
    const struct reseal_bytes certificate = {settings.certificate.der, settings.certificate.size};
    const struct reseal_bytes private_key = {settings.private_key.der, settings.private_key.size};
    if (!settings.tls && !uses_psk()) {
        return NULL;
    }
    struct reseal_lwip_tls *tls = settings.tls ? reseal_lwip_tls_make(ca, certificate, private_key)
                                               : reseal_lwip_tls_make_psk(reseal_crypto_mbedtls());
    if (tls == NULL || (settings.tls && uses_psk())) {
        stop("the certificates cannot be used, there is no memory for TLS, or this firmware has none", LED_FAULT);
    }
    return tls;
}

static enum reseal_listener listener(void) {
    if (settings.tls && settings.certificate.size > 0) {
        return RESEAL_LISTENER_TLS;
    }
    return !settings.tls && uses_psk() ? RESEAL_LISTENER_PSK : RESEAL_LISTENER_SEALED;
}

static const struct reseal_link_driver *open_driver(void) {
    static struct reseal_pico_wifi wifi;
    static uint8_t incoming[VITALS_COMMAND_MAX + RESEAL_OVERHEAD_MAX];
    static uint8_t outgoing[OUTGOING_MAX];
    wifi = (struct reseal_pico_wifi){settings.wifi_name, settings.wifi_password};
    const struct reseal_lwip_config lwip = {.broker = settings.broker,
                                            .port = settings.port,
                                            .tls = open_tls(),
                                            .in = {incoming, sizeof incoming, 0},
                                            .out = {outgoing, sizeof outgoing, 0}};
    return reseal_pico_mqtt_open(&wifi, &lwip);
}

static void open_all(const struct board *board) {
    const struct reseal_port port = reseal_pico_port();
    const enum reseal_status status =
        vitals_open(&vitals, board, open_driver(), &settings.credentials, &port, listener());
    if (status != RESEAL_OK) {
        stop(reseal_status_text(status), LED_FAULT);
    }
}

static _Noreturn void set_up(enum reseal_status loaded) {
    static struct reseal_pairing pairing;
    if (loaded != RESEAL_OK) {
        printf("the settings in flash cannot be used: %s\n", reseal_status_text(loaded));
    }
    if (!built_in_pairing(&pairing)) {
        stop("to be set up it needs a pairing code, compiled in as VITALS_PAIRING", LED_SETUP);
    }
    setup_mode_run(&pairing, &settings);
}

int main(void) {
    stdio_init_all();
    if (cyw43_arch_init() != 0) {
        panic("the Wi-Fi chip does not answer");
    }
    const enum reseal_status loaded = load_settings();
    const struct board *board = pico_board_open(&settings);
    if (!settings.has_credentials || pico_board_mode_switch()) {
        set_up(loaded);
    }
    const enum reseal_settings_field wrong = reseal_settings_check(&settings);
    if (wrong != RESEAL_SETTINGS_NONE) {
        stop(reseal_settings_field_text(wrong), LED_FAULT);
    }
    open_all(board);
    run();
}
