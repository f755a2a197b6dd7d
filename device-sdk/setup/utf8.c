/* SPDX-License-Identifier: Apache-2.0 */
#include "utf8.h"

/* Bytes that follow the first one, or -1: no sequence begins with it. */
static int following(uint8_t first) {
    if (first < 0x80) {
        return 0;
    }
    if (first >= 0xC2 && first <= 0xDF) {
        return 1;
    }
    if (first >= 0xE0 && first <= 0xEF) {
        return 2;
    }
    return first >= 0xF0 && first <= 0xF4 ? 3 : -1;
}

/* After some first bytes the second has a narrower range: no overlong forms, no surrogates, nothing above U+10FFFF. */
static bool second_fits(uint8_t first, uint8_t second) {
    switch (first) {
        case 0xE0:
            return second >= 0xA0;
        case 0xED:
            return second <= 0x9F;
        case 0xF0:
            return second >= 0x90;
        case 0xF4:
            return second <= 0x8F;
        default:
            return true;
    }
}

static bool is_sequence(const uint8_t *at, int more) {
    for (int i = 1; i <= more; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return false;
        }
    }
    return more == 0 || second_fits(at[0], at[1]);
}

bool reseal_utf8_check(struct reseal_bytes text) {
    size_t at = 0;
    while (at < text.size) {
        const int more = following(text.data[at]);
        if (more < 0 || text.size - at <= (size_t)more || !is_sequence(text.data + at, more)) {
            return false;
        }
        at += (size_t)more + 1;
    }
    return true;
}
