/* Configuration mode on the board: the access point, the page, the LED. */
#ifndef PICO_SETUP_MODE_H
#define PICO_SETUP_MODE_H

#include <reseal/pairing.h>
#include <reseal/settings.h>

/*
 * Serves the page until settings were stored, then starts the board anew. After too many wrong codes it takes the
 * access point away and stays so until a power cycle. `settings` are shown to who knows the code; zeroed ones if there
 * are none.
 */
_Noreturn void setup_mode_run(const struct reseal_pairing *pairing, const struct reseal_settings *settings);

#endif
