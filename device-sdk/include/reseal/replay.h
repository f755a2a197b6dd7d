/* SPDX-License-Identifier: Apache-2.0 */
/* The replay window of one key (protocol.md, "Receiving"; RFC 8613 section 7.4). */
#ifndef RESEAL_REPLAY_H
#define RESEAL_REPLAY_H

#include <reseal/key.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_WINDOW_MIN = 32, /* counters; a window is a multiple of 32 */
    RESEAL_WINDOW_DEFAULT = 128,
    RESEAL_WINDOW_MAX = 4096
};

/* How many 32-bit words a window of so many counters takes. */
#define RESEAL_WINDOW_WORDS(window) ((window) / 32)

/*
 * Which counters of the highest accepted epoch were accepted. Zeroed, with `words` and `window` set, it means that none
 * was accepted. Counter c is kept in bit c mod window.
 */
struct reseal_replay {
    struct reseal_epoch epoch;
    uint32_t top;    /* the highest accepted counter; meaningless while epoch.number is 0 */
    uint32_t window; /* RESEAL_WINDOW_MIN to RESEAL_WINDOW_MAX, a multiple of 32 */
    uint32_t *words; /* the caller's memory: RESEAL_WINDOW_WORDS(window) of them */
};

/*
 * Steps 2 and 3 of "Receiving": RESEAL_OK if such a message may be new, else RESEAL_STALE_EPOCH, RESEAL_COUNTER_LIMIT
 * or RESEAL_REPLAY. Changes nothing: call it before opening.
 */
enum reseal_status reseal_replay_check(const struct reseal_replay *replay, const struct reseal_epoch *epoch,
                                       uint32_t counter);

/* Step 5. Only after reseal_replay_check returned RESEAL_OK for the same values and the tag was right. */
void reseal_replay_mark(struct reseal_replay *replay, const struct reseal_epoch *epoch, uint32_t counter);

#ifdef __cplusplus
}
#endif
#endif
