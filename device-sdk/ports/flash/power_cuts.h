/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NOR flash in memory whose power fails on demand, and a device that boots on it repeatedly. For tests, on a host and
 * on the emulated processor.
 */
#ifndef RESEAL_FLASH_POWER_CUTS_H
#define RESEAL_FLASH_POWER_CUTS_H

#include <reseal/flash.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RESEAL_POWER_CUTS_MEMORY = 2 * 4096 };
#define RESEAL_NEVER UINT32_MAX

/*
 * A byte that was being programmed or erased when the power went has bits that may read differently each time, until
 * they are erased or programmed to 0.
 */
struct reseal_simulated_flash {
    struct reseal_flash port;
    uint32_t power; /* bytes that can still be written or erased before the power fails; RESEAL_NEVER: it does not */
    uint32_t random;
    uint32_t erased[2];  /* how often each sector was, begun ones included */
    uint32_t programmed; /* calls */
    uint8_t bytes[RESEAL_POWER_CUTS_MEMORY];
    uint8_t unstable[RESEAL_POWER_CUTS_MEMORY];
};

/* Two blank sectors, as from the factory. `sector_size` is at most half of the memory. */
void reseal_simulated_flash_make(struct reseal_simulated_flash *flash, uint32_t sector_size, uint32_t seed);

/* What a device did so far. */
struct reseal_boots {
    uint32_t boots;
    uint32_t cuts;       /* boots in which the power failed */
    uint32_t last;       /* the epoch of the last sealed message, 0: none */
    uint32_t used_twice; /* boots that sealed under an epoch no higher than an earlier one */
    uint32_t refused;    /* boots with power that could not seal */
};

/*
 * One boot: opens a sender and seals one message. The power fails after `power` bytes were written or erased.
 * `crypto` does the sealing; the choice affects only the cost.
 */
void reseal_boot(struct reseal_simulated_flash *flash, const struct reseal_crypto *crypto, uint32_t power,
                 struct reseal_boots *result);

/*
 * Runs `boots` boots from a blank flash. Before each boot it tries every way in which the power can fail during it, and
 * after each of those every way in which it can fail during the next boot. Each branch ends with a boot that has power.
 * The counts of all branches are added up.
 */
void reseal_cut_everywhere(uint32_t sector_size, uint32_t boots, const struct reseal_crypto *crypto,
                           struct reseal_boots *result);

/* `boots` boots on one flash; in three of four the power fails somewhere. Returns the flash for its counts of erasures.
 */
const struct reseal_simulated_flash *reseal_cut_at_random(uint32_t sector_size, uint32_t boots, uint32_t seed,
                                                          const struct reseal_crypto *crypto,
                                                          struct reseal_boots *result);

#ifdef __cplusplus
}
#endif
#endif
