/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <stddef.h>

/*
 * The emulator's clock advances by one nanosecond per instruction (-icount shift=0). The processor's own timer counts
 * that clock at DEVICE_TIMER_HZ.
 */
struct systick {
    volatile uint32_t control;
    volatile uint32_t reload;
    volatile uint32_t value;
};

enum { ENABLED = 1, FROM_PROCESSOR_CLOCK = 4, TIMER_MAX = 0xFFFFFF, PAINTED = 8192, PAINT = 0x5AA5C33C };

static struct systick *const timer = (struct systick *)0xE000E010;

static void none(void) {}

static uint64_t nanoseconds_of(measured *call, uint32_t times) {
    timer->reload = TIMER_MAX;
    timer->value = 0;
    timer->control = ENABLED | FROM_PROCESSOR_CLOCK;
    const uint32_t begin = timer->value;
    for (uint32_t i = 0; i < times; i++) {
        call();
    }
    const uint32_t ticks = (begin - timer->value) & TIMER_MAX;
    return (uint64_t)ticks * 1000000000U / DEVICE_TIMER_HZ;
}

uint32_t instructions_of(measured *call, uint32_t times) {
    const uint64_t all = nanoseconds_of(call, times);
    const uint64_t loop = nanoseconds_of(none, times);
    return (uint32_t)((all - loop + times / 2) / times);
}

uintptr_t stack_mark;

/* The remaining paint shows how deep the calls went. */
__attribute__((noinline)) uint32_t stack_of(measured *call) {
    volatile uint32_t *const top = (volatile uint32_t *)__builtin_frame_address(0) - 16;
    volatile uint32_t *const low = top - PAINTED / sizeof *top;
    for (volatile uint32_t *at = low; at < top; at++) {
        *at = PAINT;
    }
    call();
    volatile uint32_t *at = low;
    while (at < top && *at == PAINT) {
        at++;
    }
    return (uint32_t)(stack_mark - (uintptr_t)at);
}
