/* SPDX-License-Identifier: Apache-2.0 */
/* Text in the caller's memory, without stdio. Text that does not fit is cut off, and the overflow is recorded. */
#ifndef VITALS_TEXT_H
#define VITALS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct text {
    char *memory;
    size_t capacity; /* the NUL at the end included; at least 1 */
    size_t size;
    bool cut;
};

void text_add(struct text *text, const char *more);
void text_add_number(struct text *text, uint32_t number);
/* `value` counts 1/10^decimals: 1234 with 2 decimals reads 12.34. At most 6 decimals. */
void text_add_decimal(struct text *text, int32_t value, unsigned decimals);

#ifdef __cplusplus
}
#endif
#endif
