/*
 * The port to the Raspberry Pi Pico SDK 2: Pico W, Pico 2 W and other boards with an RP2040 or RP2350.
 *
 * Flash: six sectors of 4,096 bytes, the last but three of the chip: two each for the epoch, the replay window and
 * settings. The last three are left alone: BTstack keeps its pairings in two of them (PICO_FLASH_BANK_STORAGE_OFFSET), and images that work around
 * erratum RP2350-E10 bear a block which is written to the last one. A firmware that reaches into the six gets
 * no flash from here: nothing can be sealed. Define RESEAL_PICO_FLASH_OFFSET, in bytes from the start of the flash, to
 * put them elsewhere; a device whose sectors move forgets its epoch, and the broker refuses it.
 *
 * While flash is written, the other core and all interrupts stand still (flash_safe_execute): 1 ms for an epoch,
 * some 50 ms where a sector is erased. A firmware that uses core 1 calls flash_safe_execute_core_init() there.
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

/* mbedTLS, epoch and replay window in flash, pico_rand. Its contexts are static: it may be copied. One core, no interrupts. */
struct reseal_port reseal_pico_port(void);

/* The two sectors for settings. */
const struct reseal_flash *reseal_pico_settings_flash(void);

#ifdef __cplusplus
}
#endif
#endif
