/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled in for this one device: its pairing code, and settings for a board that has none in its flash. */
#ifndef PICO_BUILT_IN_H
#define PICO_BUILT_IN_H

#include <reseal/pairing.h>
#include <reseal/settings.h>

/* Both return false and zero `out` if there is none. */
bool built_in_settings(struct reseal_settings *out);
bool built_in_pairing(struct reseal_pairing *out);

#endif
