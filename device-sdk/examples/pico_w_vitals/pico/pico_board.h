/* SPDX-License-Identifier: Apache-2.0 */
/* The board: Pico W or Pico 2 W, wired as README.md says. */
#ifndef PICO_BOARD_H_
#define PICO_BOARD_H_

#include <reseal/settings.h>

#include "app/board.h"

/* Sets up the pins, the converter and the bus. After cyw43_arch_init. A new key replaces the one in `settings`. */
const struct board *pico_board_open(struct reseal_settings *settings);

/* Whether the mode switch is closed. */
bool pico_board_mode_switch(void);

void pico_board_led(bool on);

#endif
