/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pairing code: 80 random bits, printed with the device and typed into its page in configuration mode
 * (reseal/setup.h).
 *
 *     7K3M-Q8ZT-0WYB-C4DX-B9        four groups of the code, then two check digits
 *
 * The digits are Crockford's base32, 0-9 and A-Z without I, L, O and U. The check digits are those of a Reed-Solomon
 * code over GF(32): one or two wrong characters are always detected, wherever they are, and so are two that were
 * swapped.
 */
#ifndef RESEAL_PAIRING_H
#define RESEAL_PAIRING_H

#include <reseal/bytes.h>
#include <reseal/status.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_PAIRING_SIZE = 10,     /* bytes */
    RESEAL_PAIRING_TEXT_SIZE = 23 /* 18 digits, 4 hyphens and a NUL */
};

/* Secret: wipe it with reseal_wipe when done. */
struct reseal_pairing {
    uint8_t secret[RESEAL_PAIRING_SIZE];
};

/* Writes the text as above, RESEAL_PAIRING_TEXT_SIZE characters with the NUL. */
void reseal_pairing_write(const struct reseal_pairing *pairing, char *out);

/*
 * Reads what a person typed: upper or lower case, I and L for 1, O for 0, spaces and hyphens anywhere. Returns
 * RESEAL_OK or RESEAL_MALFORMED: other characters, not 18 of them, or check digits that do not fit; then `out` is
 * zeroed.
 */
enum reseal_status reseal_pairing_read(const char *text, struct reseal_pairing *out);

#ifdef __cplusplus
}
#endif
#endif
