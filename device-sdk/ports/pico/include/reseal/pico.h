/*
 * The port to the Raspberry Pi Pico SDK 2: Pico W, Pico 2 W and other boards with an RP2040 or RP2350.
 *
 * Flash: six sectors of 4,096 bytes at the end of the chip, before the last three: two each for settings, the replay
 * window and the epoch. The last three are left alone: BTstack keeps its pairings in two of them
 * (PICO_FLASH_BANK_STORAGE_OFFSET), and UF2 files that work around erratum RP2350-E10 have a block that is written to
 * the last one. A firmware that reaches into the six sectors gets no flash from here, so that nothing can be sealed.
 * Define RESEAL_PICO_FLASH_OFFSET, in bytes from the start of the flash, to put them elsewhere. A device whose sectors
 * move, or whose flash is erased, forgets its epoch: rotate its key.
 *
 * While flash is written, the other core and all interrupts stand still (flash_safe_execute): 1 ms for a
 * record, some 50 ms where a sector is erased. A firmware that uses core 1 calls flash_safe_execute_core_init() there.
 *
 * Random: pico_rand, hashed with SHA-256 together with the board's id. It rests on the RP2350's hardware generator; on
 * the RP2040, which has none, on bits of the ring oscillator, the timer and what the RAM held at power-on.
 */
#ifndef RESEAL_PICO_H
#define RESEAL_PICO_H

#include <reseal/device.h>
#include <reseal/flash.h>

#ifdef __cplusplus
extern "C" {
#endif

/* mbedTLS, epoch and replay window in flash, pico_rand. It may be copied. For one core, and not for interrupts. */
struct reseal_port reseal_pico_port(void);

/* The two sectors for settings. */
const struct reseal_flash *reseal_pico_settings_flash(void);

#ifdef __cplusplus
}
#endif
#endif
