/* The two sectors of the epoch, and those of the replay window. */
#ifndef RESEAL_PICO_SECTORS_H
#define RESEAL_PICO_SECTORS_H

#include <reseal/pico.h>

const struct reseal_flash *reseal_pico_epochs_flash(void);
const struct reseal_flash *reseal_pico_windows_flash(void);

#endif
