/* SPDX-License-Identifier: Apache-2.0 */
#include "window_cuts.h"

struct arrival {
    uint32_t epoch;
    uint32_t counter;
    uint32_t
        filled; /* so many counters before it were accepted, save the five before it and each that is 127 mod 128 */
};

/*
 * Those after many others, and those of a new epoch, need a new block; right after them come some that fit the old one.
 * Without the 127th the last byte of a block's record has one bit to clear: if the power fails there, every other read
 * finds the record whole.
 */
static const struct arrival arrivals[] = {{1, 5, 0},    {1, 3, 0},       {1, 1700, 1695}, {1, 1663, 0}, {1, 1695, 0},
                                          {1, 1701, 0}, {1, 3270, 1500}, {1, 3199, 0},    {1, 3269, 0}, {2, 127, 0},
                                          {1, 3271, 0}, {2, 126, 0},     {2, 5000, 0},    {2, 4990, 0}, {2, 5001, 0}};
enum { ARRIVALS = sizeof arrivals / sizeof *arrivals };

/* One device. Bit n stands for the nth arrival. */
struct receiver {
    struct reseal_simulated_flash flash;
    uint32_t tried;
    uint32_t accepted;
};

static bool accept(struct receiver *receiver, struct reseal_replay *replay, uint32_t which) {
    const struct reseal_window_store store = reseal_flash_window_store(&receiver->flash.port);
    const struct reseal_epoch epoch = {arrivals[which].epoch, {1, 2, 3, 4}};
    const uint32_t counter = arrivals[which].counter;
    if (reseal_replay_check(replay, &epoch, counter) != RESEAL_OK) {
        return false;
    }
    reseal_replay_mark(replay, &epoch, counter);
    return store.store(store.context, replay, counter) == RESEAL_OK;
}

/* Whether its epoch or its place in the window had passed before it arrived. */
static bool is_late(const struct receiver *receiver, uint32_t which) {
    bool late = false;
    for (uint32_t i = 0; i < ARRIVALS; i++) {
        const bool counts = (receiver->tried >> i & 1) != 0;
        late |= counts && (arrivals[i].epoch > arrivals[which].epoch ||
                           (arrivals[i].epoch == arrivals[which].epoch &&
                            arrivals[i].counter >= arrivals[which].counter + RESEAL_WINDOW_DEFAULT));
    }
    return late;
}

/* One boot: the power fails after `power` bytes were written or erased. True if it did. */
static bool boot(struct receiver *receiver, uint32_t which, uint32_t power, struct reseal_receipts *result) {
    const struct reseal_window_store store = reseal_flash_window_store(&receiver->flash.port);
    uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)] = {0};
    struct reseal_replay replay = {.window = RESEAL_WINDOW_DEFAULT, .words = words};
    const uint32_t bit = UINT32_C(1) << which;
    const bool is_new = (receiver->tried & bit) == 0;
    receiver->flash.power = power;
    bool accepted = false;
    if (store.load(store.context, &replay) == RESEAL_OK) {
        for (uint32_t i = 0; i < ARRIVALS; i++) {
            const bool was_accepted = (receiver->accepted >> i & 1) != 0;
            result->accepted_twice += was_accepted && accept(receiver, &replay, i);
        }
        receiver->tried |= bit;
        accepted = (receiver->accepted & bit) == 0 && accept(receiver, &replay, which);
    }
    const bool cut = receiver->flash.power == 0;
    receiver->accepted |= accepted ? bit : 0;
    result->boots++;
    result->cuts += cut;
    result->accepted += accepted;
    result->lost += is_new && !cut && !accepted && !is_late(receiver, which);
    return cut;
}

/* Messages after the cut one come first, then that one comes again, and everything again. */
static void boot_with_power(struct receiver *receiver, uint32_t which, struct reseal_receipts *result) {
    const uint32_t last = which + 2 < ARRIVALS ? which + 2 : ARRIVALS - 1;
    for (uint32_t next = last; next > which; next--) {
        (void)boot(receiver, next, RESEAL_NEVER, result);
    }
    for (int times = 0; times < 3; times++) {
        (void)boot(receiver, which, RESEAL_NEVER, result);
    }
}

/* The power fails from byte `first` on, at every `step`th; in the boot after that, if `again` is above 0, as often. */
static void cut_next(const struct receiver *before, uint32_t which, uint32_t first, uint32_t step, uint32_t again,
                     struct reseal_receipts *result) {
    bool cut = true;
    for (uint32_t power = first; cut && which < ARRIVALS; power += step) {
        struct receiver receiver = *before;
        receiver.flash.port.context = &receiver.flash;
        receiver.flash.random += power;
        cut = boot(&receiver, which, power, result);
        if (cut && again > 0) {
            cut_next(&receiver, which + 1, power % again, again, 0, result);
        }
        boot_with_power(&receiver, which, result);
    }
}

/* Accepts what comes before an arrival, with power. */
static void fill(struct receiver *receiver, const struct arrival *arrival) {
    const struct reseal_window_store store = reseal_flash_window_store(&receiver->flash.port);
    const struct reseal_epoch epoch = {arrival->epoch, {1, 2, 3, 4}};
    uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)] = {0};
    struct reseal_replay replay = {.window = RESEAL_WINDOW_DEFAULT, .words = words};
    receiver->flash.power = RESEAL_NEVER;
    (void)store.load(store.context, &replay);
    for (uint32_t counter = arrival->counter - arrival->filled; counter < arrival->counter; counter++) {
        if (counter % 128 != 127 && counter + 5 < arrival->counter &&
            reseal_replay_check(&replay, &epoch, counter) == RESEAL_OK) {
            reseal_replay_mark(&replay, &epoch, counter);
            (void)store.store(store.context, &replay, counter);
        }
    }
}

void reseal_window_cut_everywhere(uint32_t sector_size, uint32_t step, uint32_t again, struct reseal_receipts *result) {
    static struct receiver receiver;
    receiver.tried = 0;
    receiver.accepted = 0;
    reseal_simulated_flash_make(&receiver.flash, sector_size, sector_size);
    for (uint32_t which = 0; which < ARRIVALS; which++) {
        fill(&receiver, &arrivals[which]);
        cut_next(&receiver, which, 0, step, again, result);
        (void)boot(&receiver, which, RESEAL_NEVER, result);
    }
}
