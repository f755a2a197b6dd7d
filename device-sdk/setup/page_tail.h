/* The end of a gzip file (RFC 1951, RFC 1952) whose beginning lies ready in flash. */
#ifndef RESEAL_SETUP_PAGE_TAIL_H
#define RESEAL_SETUP_PAGE_TAIL_H

#include <reseal/setup.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RESEAL_PAGE_TAIL_MAX = 128 };

/*
 * Writes the element that carries the challenge and the tries that are left, as the last and uncompressed block, then
 * the checksum of all. Returns its size, up to RESEAL_PAGE_TAIL_MAX.
 */
size_t reseal_page_tail(const struct reseal_setup_page *page, const uint8_t challenge[RESEAL_SETUP_CHALLENGE_SIZE],
                        uint8_t tries, uint8_t *out);

#ifdef __cplusplus
}
#endif
#endif
