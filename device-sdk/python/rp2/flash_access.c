/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes flash beside MicroPython's own ports/rp2/rp2_flash.c, and as that does: the other core stands still if a
 * thread runs there, and the flash keeps the timing that MicroPython chose for the clock. The boot ROM resets it.
 */
#include "ports/pico/flash_access.h"

#if PICO_RP2040
#include <hardware/structs/ssi.h>
#else
#include <hardware/structs/qmi.h>
#endif
#include <hardware/sync.h>
#include <pico/multicore.h>
#include <reseal/bytes.h>

#include "flash_layout.h"
#include "py/mpthread.h"

#if MICROPY_HW_ENABLE_PSRAM
#error "Reseal cannot write flash on a board with PSRAM yet: the heap may be in it, and is out of reach meanwhile"
#endif

/* For the linker, which refuses firmware that reaches into the sectors: see rp2/flash_layout.ld. */
__attribute__((used)) static void name_offset(void) {
    __asm__ volatile(".global reseal_flash_offset\n.set reseal_flash_offset, %c0" : : "i"(RESEAL_PICO_FLASH_OFFSET));
}

/* MicroPython's condition: the second half alone stays true once a thread has ended. */
static bool other_core_runs(void) {
    return core1_entry != NULL && multicore_lockout_victim_is_initialized(1 - get_core_num());
}

#if PICO_RP2040
static inline uint32_t timing(void) {
    return ssi_hw->baudr;
}

static inline void set_timing(uint32_t before) {
    while ((ssi_hw->sr & SSI_SR_BUSY_BITS) != 0) {
    }
    ssi_hw->ssienr = 0;
    ssi_hw->baudr = before;
    ssi_hw->ssienr = SSI_SSIENR_SSI_EN_BITS;
}
#else
static inline uint32_t timing(void) {
    return qmi_hw->m[0].timing;
}

static inline void set_timing(uint32_t before) {
    qmi_hw->m[0].timing = before;
}
#endif

/* In RAM: between the end of the write and set_timing, a fast clock may read the flash faster than it can answer. */
static void __no_inline_not_in_flash_func(write)(uint32_t start, const uint8_t *page) {
    const uint32_t before = timing();
    if (page == NULL) {
        flash_range_erase(start, FLASH_SECTOR_SIZE);
    } else {
        flash_range_program(start, page, FLASH_PAGE_SIZE);
    }
    set_timing(before);
}

/* With interrupts off: so the page, static to spare the stack, is in use once at a time. */
static void carry_out(const struct reseal_pico_flash_work *work) {
    static uint8_t page[FLASH_PAGE_SIZE];
    const uint32_t state = save_and_disable_interrupts();
    if (work->size == 0) {
        write(work->start, NULL);
    } else {
        write(reseal_pico_flash_fill(work, page), page);
        reseal_wipe(page, sizeof page);
    }
    restore_interrupts(state);
}

enum reseal_pico_flash_fault reseal_pico_flash_carry_out(struct reseal_pico_flash_work work) {
    enum { PATIENCE_US = 1000000 }; /* for the other core to stand still */
    const bool both = other_core_runs();
    if (both && !multicore_lockout_start_timeout_us(PATIENCE_US)) {
        return RESEAL_PICO_FLASH_CORE_DID_NOT_STOP;
    }
    carry_out(&work);
    if (both) {
        multicore_lockout_end_blocking();
    }
    return RESEAL_PICO_FLASH_FINE;
}
