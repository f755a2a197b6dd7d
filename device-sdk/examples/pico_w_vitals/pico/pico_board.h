/* The board: Pico W or Pico 2 W, wired as README.md says. */
#ifndef PICO_BOARD_H_
#define PICO_BOARD_H_

#include "app/board.h"
#include "configuration.h"

/* Sets up the pins, the converter and the bus. After cyw43_arch_init. */
const struct board *pico_board_open(const struct configuration *configuration);

/* Is the mode switch closed? */
bool pico_board_mode_switch(void);

void pico_board_led(bool on);

#endif
