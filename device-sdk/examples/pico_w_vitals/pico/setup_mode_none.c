/* SPDX-License-Identifier: Apache-2.0 */
/* For a firmware built without the page: only shows that the device needs to be set up. */
#include <pico/cyw43_arch.h>
#include <pico/stdlib.h>

#include "app/led.h"
#include "pico_board.h"
#include "setup_mode.h"

enum { STEP_MS = 20 };

_Noreturn void setup_mode_run(const struct reseal_pairing *pairing, const struct reseal_settings *settings) {
    (void)pairing;
    (void)settings;
    for (;;) {
        pico_board_led(led_is_on(LED_SETUP, to_ms_since_boot(get_absolute_time())));
        cyw43_arch_poll();
        sleep_ms(STEP_MS);
    }
}
