/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a gzip file (RFC 1951, RFC 1952) whose beginning is in flash. */
#ifndef RESEAL_SETUP_PAGE_TAIL_H
#define RESEAL_SETUP_PAGE_TAIL_H

#include <reseal/setup.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RESEAL_PAGE_TAIL_MAX = 128 };

/*
 * Writes the last block, uncompressed: the element with the challenge and the remaining tries. Then writes the checksum
 * of the whole file. Returns its size, up to RESEAL_PAGE_TAIL_MAX.
 */
size_t reseal_page_tail(const struct reseal_setup_page *page, const uint8_t challenge[RESEAL_SETUP_CHALLENGE_SIZE],
                        uint8_t tries, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
