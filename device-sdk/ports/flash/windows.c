/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A block begins with a record: the state of a replay window when the block was begun (epoch, salt, highest counter,
 * marks). Behind it is a bit for each counter from the left end of that window on, which is cleared when the counter is
 * accepted. A counter beyond the bits, or another epoch, begins the next block.
 */
#include <string.h>

#include "log.h"
#include "record.h"

struct window {
    struct reseal_epoch epoch;
    uint32_t top;
    uint32_t words[RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)];
};

_Static_assert(sizeof(struct window) == RESEAL_FLASH_PAYLOAD_MAX, "a window fills a record");

enum {
    WORD_BITS = 32,
    BLOCK = 256,
    RECORD = 8 + sizeof(struct window),
    OPENED = RECORD,     /* a word, cleared once the record was read back: that one is stable */
    CLOSED = OPENED + 4, /* a word, cleared before the next block is begun: this one gets no more marks */
    MARKS = CLOSED + 4,
    MARK_WORDS = (BLOCK - MARKS) / 4
};

static const struct reseal_flash_log blocks = {RESEAL_FLASH_BLOCK, RECORD, BLOCK};
/* What this store wrote up to version 0.1: a record for each accepted message. */
static const struct reseal_flash_log records = {RESEAL_FLASH_WINDOW, RECORD, RECORD};

static bool read_word(const struct reseal_flash *flash, uint32_t offset, uint32_t *out) {
    return flash->read(flash->context, offset, (uint8_t *)out, sizeof *out);
}

/* The counter of a block's first bit. */
static uint32_t first_counter(const struct window *window) {
    return window->top < RESEAL_WINDOW_DEFAULT ? 0 : window->top - RESEAL_WINDOW_DEFAULT + 1;
}

static struct window window_in(const struct reseal_flash_survey *found) {
    struct window window;
    memcpy(&window, found->newest.payload, sizeof window);
    return window;
}

static void take(const struct window *window, struct reseal_replay *replay) {
    replay->epoch = window->epoch;
    replay->top = window->top;
    memcpy(replay->words, window->words, sizeof window->words);
}

/* Accepts again, in the order of their counters, those whose bits are zero in `word`. */
static void accept_again(struct reseal_replay *replay, uint32_t first, uint32_t word) {
    const struct reseal_epoch epoch = replay->epoch;
    for (uint32_t i = 0; word != UINT32_MAX && i < WORD_BITS; i++) {
        if ((word >> i & 1) == 0 && reseal_replay_check(replay, &epoch, first + i) == RESEAL_OK) {
            reseal_replay_mark(replay, &epoch, first + i);
        }
    }
}

static bool take_block(const struct reseal_flash *flash, const struct reseal_flash_survey *found,
                       struct reseal_replay *replay) {
    const struct window window = window_in(found);
    const uint32_t marks = found->start + found->place + MARKS;
    take(&window, replay);
    bool readable = true;
    for (uint32_t i = 0; readable && i < MARK_WORDS; i++) {
        uint32_t word = UINT32_MAX;
        readable = read_word(flash, marks + 4 * i, &word);
        accept_again(replay, first_counter(&window) + WORD_BITS * i, word);
    }
    return readable;
}

static bool take_record(const struct reseal_flash *flash, struct reseal_replay *replay) {
    struct reseal_flash_survey found;
    const bool readable = reseal_flash_log_survey(flash, &records, &found);
    const struct window window = window_in(&found);
    take(&window, replay); /* zeros if there is none */
    return readable;
}

static enum reseal_status load(void *context, struct reseal_replay *replay) {
    struct reseal_flash_survey found;
    const struct reseal_flash *flash = context;
    const bool fits = replay->window == RESEAL_WINDOW_DEFAULT && flash->sector_size >= BLOCK;
    bool readable = fits && reseal_flash_log_survey(flash, &blocks, &found);
    if (readable) {
        readable = found.newest.number > 0 ? take_block(flash, &found, replay) : take_record(flash, replay);
    }
    return readable ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
}

/*
 * Programs the counter's bit even if it reads as zero: it may be one that was being cleared when the power failed.
 * Others of those in the same word are left alone.
 */
static bool mark(const struct reseal_flash *flash, uint32_t marks, uint32_t index) {
    const uint32_t place = marks + index / WORD_BITS * 4;
    const uint32_t bit = UINT32_C(1) << (index % WORD_BITS);
    const uint32_t cleared = ~bit;
    uint32_t word = 0;
    return flash->program(flash->context, place, (const uint8_t *)&cleared, sizeof cleared) &&
           read_word(flash, place, &word) && (word & bit) == 0;
}

static bool begin_block(const struct reseal_flash *flash, struct reseal_flash_survey *found,
                        const struct reseal_replay *replay) {
    static const uint32_t cleared = 0;
    if (found->newest.number == UINT32_MAX) {
        return false;
    }
    struct window window = {.epoch = replay->epoch, .top = replay->top};
    memcpy(window.words, replay->words, sizeof window.words);
    struct reseal_flash_entry entry = {.number = found->newest.number + 1};
    memcpy(entry.payload, &window, sizeof window);
    return reseal_flash_log_append(flash, &blocks, found, &entry) &&
           reseal_flash_program(flash, found->start + found->place + OPENED, &cleared, sizeof cleared);
}

/* Nothing is attempted behind a block before its closing word is certainly zero. */
static bool close_block(const struct reseal_flash *flash, struct reseal_flash_survey *found, bool was_closed) {
    static const uint32_t cleared = 0;
    if (!was_closed) {
        found->behind = 0;
    }
    return reseal_flash_program(flash, found->start + found->place + CLOSED, &cleared, sizeof cleared);
}

/* Into the newest block if it is open and has a bit for the counter, else into a new one. */
static bool store_after(const struct reseal_flash *flash, struct reseal_flash_survey *found,
                        const struct reseal_replay *replay, uint32_t counter) {
    const struct window window = window_in(found);
    const uint32_t block = found->start + found->place;
    const uint32_t index = counter - first_counter(&window);
    uint32_t opened = 0;
    uint32_t closed = 0;
    if (!read_word(flash, block + OPENED, &opened) || !read_word(flash, block + CLOSED, &closed)) {
        return false;
    }
    const bool is_open = opened != UINT32_MAX && closed == UINT32_MAX;
    if (is_open && reseal_epoch_equal(&window.epoch, &replay->epoch) && index < MARK_WORDS * WORD_BITS) {
        return mark(flash, block + MARKS, index);
    }
    return close_block(flash, found, closed != UINT32_MAX) && begin_block(flash, found, replay);
}

/* The first block goes into the sector that does not have the newest of the older records. */
static bool store_first(const struct reseal_flash *flash, const struct reseal_replay *replay) {
    struct reseal_flash_survey found;
    if (!reseal_flash_log_survey(flash, &records, &found)) {
        return false;
    }
    found.newest.number = 0;
    return begin_block(flash, &found, replay);
}

static enum reseal_status store(void *context, const struct reseal_replay *replay, uint32_t counter) {
    struct reseal_flash_survey found;
    bool stored = reseal_flash_log_survey(context, &blocks, &found);
    if (stored) {
        stored =
            found.newest.number == 0 ? store_first(context, replay) : store_after(context, &found, replay, counter);
    }
    return stored ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
}

struct reseal_window_store reseal_flash_window_store(const struct reseal_flash *flash) {
    return (struct reseal_window_store){.context = (void *)flash, .load = load, .store = store};
}
