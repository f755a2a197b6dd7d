/* SPDX-License-Identifier: Apache-2.0 */
/* A record is the state of a replay window: epoch, salt, highest counter, marks. */
#include <string.h>

#include "log.h"
#include "record.h"

struct window {
    struct reseal_epoch epoch;
    uint32_t top;
    uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)];
};

_Static_assert(sizeof(struct window) == RESEAL_FLASH_PAYLOAD_MAX, "a window fills a record");

static const struct reseal_flash_log windows = {RESEAL_FLASH_WINDOW, 8 + sizeof(struct window)};

static enum reseal_status load(void *context, struct reseal_replay *replay) {
    struct reseal_flash_survey found;
    if (replay->window != RESEAL_WINDOW_DEFAULT || !reseal_flash_log_survey(context, &windows, &found)) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    if (found.newest.number > 0) {
        struct window window;
        memcpy(&window, found.newest.payload, sizeof window);
        replay->epoch = window.epoch;
        replay->top = window.top;
        memcpy(replay->words, window.words, sizeof window.words);
    }
    return RESEAL_OK;
}

static enum reseal_status store(void *context, const struct reseal_replay *replay) {
    struct reseal_flash_survey found;
    if (!reseal_flash_log_survey(context, &windows, &found) || found.newest.number == UINT32_MAX) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    struct window window = {.epoch = replay->epoch, .top = replay->top};
    memcpy(window.words, replay->words, sizeof window.words);
    struct reseal_flash_entry *entry = &found.newest;
    entry->number++;
    memcpy(entry->payload, &window, sizeof window);
    return reseal_flash_log_append(context, &windows, entry) ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
}

struct reseal_window_store reseal_flash_window_store(const struct reseal_flash *flash) {
    return (struct reseal_window_store){.context = (void *)flash, .load = load, .store = store};
}
