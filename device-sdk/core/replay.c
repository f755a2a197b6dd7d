/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/replay.h>
#include <string.h>

enum { WORD_BITS = 32 };

static uint32_t *word_of(const struct reseal_replay *replay, uint32_t counter) {
    return &replay->words[counter % replay->window / WORD_BITS];
}

/* The window is a multiple of 32, so a counter's bit has the same place in its word whatever the window's size. */
static uint32_t bit_of(uint32_t counter) {
    return UINT32_C(1) << (counter % WORD_BITS);
}

enum reseal_status reseal_replay_check(const struct reseal_replay *replay, const struct reseal_epoch *epoch,
                                       uint32_t counter) {
    const bool same_number = epoch->number == replay->epoch.number;
    if (epoch->number == 0 || epoch->number < replay->epoch.number ||
        (same_number && !reseal_epoch_equal(epoch, &replay->epoch))) {
        return RESEAL_STALE_EPOCH;
    }
    if (counter >= RESEAL_COUNTER_LIMIT_VALUE) {
        return RESEAL_COUNTER_LIMIT;
    }
    if (!same_number || counter > replay->top) {
        return RESEAL_OK;
    }
    const bool left_of_window = replay->top - counter >= replay->window;
    return left_of_window || (*word_of(replay, counter) & bit_of(counter)) != 0 ? RESEAL_REPLAY : RESEAL_OK;
}

/* Clears the bits that the counters from top + 1 to `counter` take over from older ones. */
static void advance(struct reseal_replay *replay, uint32_t counter) {
    const uint32_t steps = counter - replay->top < replay->window ? counter - replay->top : replay->window;
    for (uint32_t step = 0; step < steps; step++) {
        *word_of(replay, counter - step) &= ~bit_of(counter - step);
    }
    replay->top = counter;
}

void reseal_replay_mark(struct reseal_replay *replay, const struct reseal_epoch *epoch, uint32_t counter) {
    if (epoch->number != replay->epoch.number) {
        memset(replay->words, 0, RESEAL_WINDOW_WORDS(replay->window) * sizeof *replay->words);
        replay->epoch = *epoch;
        replay->top = counter;
    } else if (counter > replay->top) {
        advance(replay, counter);
    }
    *word_of(replay, counter) |= bit_of(counter);
}
