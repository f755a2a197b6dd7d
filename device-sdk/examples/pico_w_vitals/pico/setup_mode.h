/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration mode on the board: the access point, the page, the LED. */
#ifndef PICO_SETUP_MODE_H
#define PICO_SETUP_MODE_H

#include <reseal/pairing.h>
#include <reseal/settings.h>

/*
 * Serves the page until settings were stored, then restarts the board. After too many wrong codes it switches the
 * access point off until a power cycle. Whoever knows the code sees `settings`, which are zeroed if there are none.
 */
_Noreturn void setup_mode_run(const struct reseal_pairing *pairing, const struct reseal_settings *settings);

#endif
