/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the replay window through its truth table. */
#include <reseal/replay.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

struct row {
    int number;
    uint32_t epoch;
    uint8_t salt;
    uint32_t counter;
    enum reseal_status expected;
};

static void walk(uint32_t w) {
    const uint32_t last = RESEAL_COUNTER_LIMIT_VALUE - 1;
    const struct row rows[] = {
#include "core/replay_rows.inc"
    };
    static uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)];
    memset(words, 0, sizeof words);
    struct reseal_replay replay = {.window = w, .words = words};
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct reseal_epoch epoch = {rows[i].epoch, {rows[i].salt}};
        const enum reseal_status status = reseal_replay_check(&replay, &epoch, rows[i].counter);
        if (status == RESEAL_OK) {
            reseal_replay_mark(&replay, &epoch, rows[i].counter);
        }
        char subject[40];
        (void)snprintf(subject, sizeof subject, "row %d, window %lu", rows[i].number, (unsigned long)w);
        check(status == rows[i].expected, subject, reseal_status_text(status));
    }
}

int main(void) {
    walk(RESEAL_WINDOW_MIN);
    walk(96);
    walk(RESEAL_WINDOW_DEFAULT);
    walk(RESEAL_WINDOW_MAX);
    return check_end();
}
