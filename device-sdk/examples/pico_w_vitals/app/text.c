/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

static void add_character(struct text *text, char character) {
    if (text->size + 1 >= text->capacity) {
        text->cut = true;
        return;
    }
    text->memory[text->size++] = character;
    text->memory[text->size] = '\0';
}

void text_add(struct text *text, const char *more) {
    while (*more != '\0') {
        add_character(text, *more++);
    }
}

/* At least `digits` of them. */
static void add_digits(struct text *text, uint32_t number, unsigned digits) {
    char reversed[10];
    unsigned count = 0;
    while (number != 0 || count < digits) {
        reversed[count++] = (char)('0' + number % 10);
        number /= 10;
    }
    while (count > 0) {
        add_character(text, reversed[--count]);
    }
}

void text_add_number(struct text *text, uint32_t number) {
    add_digits(text, number, 1);
}

void text_add_decimal(struct text *text, int32_t value, unsigned decimals) {
    uint32_t unit = 1;
    for (unsigned i = 0; i < decimals; i++) {
        unit *= 10;
    }
    const uint32_t size = value < 0 ? 0U - (uint32_t)value : (uint32_t)value;
    if (value < 0) {
        text_add(text, "-");
    }
    add_digits(text, size / unit, 1);
    if (decimals > 0) {
        text_add(text, ".");
        add_digits(text, size % unit, decimals);
    }
}
