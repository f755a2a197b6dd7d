/* SPDX-License-Identifier: Apache-2.0 */
/* What the port keeps in flash. */
#ifndef RESEAL_PICO_STORES_H
#define RESEAL_PICO_STORES_H

#include <reseal/pico.h>

struct reseal_epoch_store reseal_pico_epochs(void);
struct reseal_window_store reseal_pico_windows(void);

#endif
