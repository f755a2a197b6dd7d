/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/pairing.h>

enum { CODE_DIGITS = 16, DIGITS = 18, GROUP = 4, BITS = 5 };

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* In GF(32), modulo x^5 + x^2 + 1. No table and no branch on a secret. */
static unsigned multiply(unsigned a, unsigned b) {
    unsigned product = 0;
    for (unsigned bit = 0; bit < BITS; bit++) {
        product ^= (0U - ((b >> bit) & 1U)) & a;
        a = (a << 1) ^ ((0U - ((a >> 4) & 1U)) & 0x25U);
    }
    return product;
}

/* Remainder of the digits, as a polynomial, divided by (x - 2)(x - 4) = x^2 + 6x + 8. */
static void append_check_digits(uint8_t digits[DIGITS]) {
    unsigned high = 0;
    unsigned low = 0;
    for (unsigned i = 0; i < CODE_DIGITS; i++) {
        const unsigned feedback = digits[i] ^ high;
        high = low ^ multiply(feedback, 6);
        low = multiply(feedback, 8);
    }
    digits[CODE_DIGITS] = (uint8_t)high;
    digits[CODE_DIGITS + 1] = (uint8_t)low;
}

void reseal_pairing_write(const struct reseal_pairing *pairing, char *out) {
    uint8_t digits[DIGITS];
    for (unsigned i = 0; i < CODE_DIGITS; i++) {
        const unsigned bit = i * BITS;
        const unsigned next = bit / 8 + 1 < RESEAL_PAIRING_SIZE ? pairing->secret[bit / 8 + 1] : 0;
        const unsigned pair = (unsigned)pairing->secret[bit / 8] << 8 | next;
        digits[i] = (uint8_t)((pair >> (16 - BITS - bit % 8)) & 31U);
    }
    append_check_digits(digits);
    for (unsigned i = 0; i < DIGITS; i++) {
        if (i > 0 && i % GROUP == 0) {
            *out++ = '-';
        }
        *out++ = alphabet[digits[i]];
    }
    *out = '\0';
    reseal_wipe(digits, sizeof digits);
}

static char without_case(char c) {
    if (c >= 'a' && c <= 'z') {
        return (char)(c - 'a' + 'A');
    }
    return c;
}

/* -1 if not a digit. A character that looks like a digit counts as it. */
static int digit_of(char typed) {
    const char c = without_case(typed);
    if (c == 'I' || c == 'L') {
        return 1;
    }
    if (c == 'O') {
        return 0;
    }
    for (int digit = 0; alphabet[digit] != '\0'; digit++) {
        if (alphabet[digit] == c) {
            return digit;
        }
    }
    return -1;
}

static bool read_digits(const char *text, uint8_t digits[DIGITS]) {
    unsigned count = 0;
    for (; *text != '\0'; text++) {
        if (*text == ' ' || *text == '-') {
            continue;
        }
        const int digit = digit_of(*text);
        if (digit < 0 || count == DIGITS) {
            return false;
        }
        digits[count++] = (uint8_t)digit;
    }
    return count == DIGITS;
}

static void pack(const uint8_t digits[DIGITS], struct reseal_pairing *out) {
    reseal_wipe(out, sizeof *out);
    for (unsigned bit = 0; bit < CODE_DIGITS * BITS; bit++) {
        const unsigned digit = digits[bit / BITS];
        const unsigned value = (digit >> (BITS - 1 - bit % BITS)) & 1U;
        out->secret[bit / 8] = (uint8_t)(out->secret[bit / 8] | value << (7 - bit % 8));
    }
}

enum reseal_status reseal_pairing_read(const char *text, struct reseal_pairing *out) {
    uint8_t typed[DIGITS] = {0};
    uint8_t right[DIGITS] = {0};
    enum reseal_status status = RESEAL_MALFORMED;
    reseal_wipe(out, sizeof *out);
    if (read_digits(text, typed)) {
        for (unsigned i = 0; i < CODE_DIGITS; i++) {
            right[i] = typed[i];
        }
        append_check_digits(right);
        if (reseal_equal(typed, right, DIGITS)) {
            pack(typed, out);
            status = RESEAL_OK;
        }
    }
    reseal_wipe(typed, sizeof typed);
    reseal_wipe(right, sizeof right);
    return status;
}
