/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions and stack of one call, on an emulated processor whose clock counts its instructions. */
#ifndef RESEAL_DEVICE_MEASURE_H
#define RESEAL_DEVICE_MEASURE_H

#include <stdint.h>

typedef void measured(void);

/* Instructions that `call` takes, averaged over `times` calls: at most 10^9 in all. */
uint32_t instructions_of(measured *call, uint32_t times);

/* Marks the stack's end in the function that uses it: put it right before the call to measure. */
#define MARK_STACK() __asm__ volatile("mov %0, sp" : "=r"(stack_mark))
extern uintptr_t stack_mark;

/* Bytes of stack below the mark that `call` sets, at most about 8,000. */
uint32_t stack_of(measured *call);

#endif
