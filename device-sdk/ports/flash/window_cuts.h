/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that receives messages while its power fails: the replay window in simulated flash, without the cipher. For
 * tests, on a host and on the emulated processor.
 */
#ifndef RESEAL_FLASH_WINDOW_CUTS_H
#define RESEAL_FLASH_WINDOW_CUTS_H

#include "power_cuts.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What happened in all boots. A boot tries everything that was accepted before, then one message. */
struct reseal_receipts {
    uint32_t boots;
    uint32_t cuts;           /* boots in which the power failed */
    uint32_t accepted;       /* messages */
    uint32_t accepted_twice; /* messages that came again and were accepted again */
    uint32_t lost; /* new messages that a device with power refused, though nothing had been tried with them */
};

/*
 * Messages in and out of order, with gaps and in new epochs. The power fails at every `step`th byte that is written or
 * erased while each is received, and after each of those at every `again`th while the next one is. Each branch ends
 * with boots that have power.
 */
void reseal_window_cut_everywhere(uint32_t sector_size, uint32_t step, uint32_t again, struct reseal_receipts *result);

#ifdef __cplusplus
}
#endif
#endif
