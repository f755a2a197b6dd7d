/* SPDX-License-Identifier: Apache-2.0 */
#include "setup_mode.h"

#include <hardware/watchdog.h>
#include <pico/cyw43_arch.h>
#include <pico/stdlib.h>
#include <reseal/pico.h>

#include "access_point.h"
#include "app/led.h"
#include "pico_board.h"
#include "setup_server.h"

enum { STEP_MS = 20, REBOOT_DELAY_MS = 1000 /* for the connection's last packets */ };

static struct reseal_setup setup;

static bool store(void *context, struct reseal_bytes form) {
    (void)context;
    return reseal_flash_record_write(reseal_pico_settings_flash(), form) == RESEAL_OK;
}

static bool open_all(const struct reseal_pairing *pairing, const struct reseal_settings *settings) {
    const struct reseal_port board = reseal_pico_port();
    const struct reseal_setup_port port = {
        .crypto = board.crypto, .random = board.random, .page = &reseal_page, .store = store};
    return reseal_setup_open(&setup, pairing, settings, &port) == RESEAL_OK && access_point_open() &&
           setup_server_open(&setup);
}

/* Does one step; returns the LED's pattern after it. */
static enum led_pattern step(uint32_t milliseconds) {
    static bool closed;
    static bool taken;
    cyw43_arch_poll();
    setup_server_step(milliseconds);
    const bool idle = reseal_setup_client(&setup) == NULL;
    if (reseal_setup_state_of(&setup) == RESEAL_SETUP_TAKEN && idle && !taken) {
        watchdog_reboot(0, 0, REBOOT_DELAY_MS);
        taken = true;
    }
    if (reseal_setup_state_of(&setup) == RESEAL_SETUP_CLOSED && idle && !closed) {
        access_point_close();
        closed = true;
    }
    if (taken) {
        return LED_ONLINE;
    }
    return closed ? LED_FAULT : LED_SETUP;
}

_Noreturn void setup_mode_run(const struct reseal_pairing *pairing, const struct reseal_settings *settings) {
    const bool open = open_all(pairing, settings);
    uint32_t last_ms = to_ms_since_boot(get_absolute_time());
    for (;;) {
        const uint32_t now_ms = to_ms_since_boot(get_absolute_time());
        pico_board_led(led_is_on(open ? step(now_ms - last_ms) : LED_FAULT, now_ms));
        last_ms = now_ms;
        cyw43_arch_wait_for_work_until(make_timeout_time_ms(STEP_MS));
    }
}
