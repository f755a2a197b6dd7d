/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port to the Raspberry Pi Pico SDK, 2.0.0 or newer: Pico W, Pico 2 W and other boards with an RP2040 or RP2350.
 *
 * Flash: six sectors of 4,096 bytes at the end of the chip, before the last three: two each for settings, the replay
 * window and the epoch. The last three are left alone: BTstack keeps its pairings in two of them
 * (PICO_FLASH_BANK_STORAGE_OFFSET), and UF2 files that work around erratum RP2350-E10 have a block that is written to
 * the last one. If the firmware reaches into the six sectors, the port refuses to use the flash, and nothing can be
 * sealed. Define RESEAL_PICO_FLASH_OFFSET, in bytes from the start of the flash, to put them elsewhere. A device whose
 * sectors move or whose flash is erased forgets its epoch: rotate its key.
 *
 * While flash is written, the other core and all interrupts stand still (flash_safe_execute): 1 ms for a
 * record, some 50 ms where a sector is erased. A firmware that uses core 1 calls flash_safe_execute_core_init() there.
 *
 * Interrupts: nothing is written in one, because it may have interrupted a call that works on the same sectors. With
 * pico_cyw43_arch_lwip_threadsafe_background lwIP's callbacks are interrupts: hand their messages to the main loop, and
 * open them there. With pico_cyw43_arch_lwip_poll they are called by the main loop.
 *
 * Random: pico_rand, hashed with SHA-256 together with the board's id. On the RP2350 it relies on the hardware
 * generator. The RP2040 has none: there it relies on bits of the ring oscillator, the timer and the RAM's contents at
 * power-on.
 */
#ifndef RESEAL_PICO_H
#define RESEAL_PICO_H

#include <reseal/device.h>
#include <reseal/flash.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * mbedTLS, epoch and replay window in flash, pico_rand. It may be copied. Use it from one core, and not from
 * interrupts: what would write flash there is refused (RESEAL_EPOCH_NOT_STORED, RESEAL_WINDOW_NOT_STORED).
 */
struct reseal_port reseal_pico_port(void);

/*
 * Right after one of these statuses or RESEAL_NOT_STORED: why, as a sentence for people, without a full stop. It tells
 * an interrupt, another core that does not stop and firmware that reaches into the sectors from a flash that fails. In
 * a build with assertions the Pico SDK itself stops the program if the other core is not ready, unless
 * PICO_FLASH_ASSERT_ON_UNSAFE is 0.
 */
const char *reseal_pico_flash_error(void);

/* The two sectors for settings. */
const struct reseal_flash *reseal_pico_settings_flash(void);

#ifdef __cplusplus
}
#endif
#endif
