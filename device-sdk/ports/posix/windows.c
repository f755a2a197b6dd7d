/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "file.h"
#include "record.h"

enum { WORD_BITS = 32, WORDS_MAX = RESEAL_WINDOW_MAX / WORD_BITS, WORDS_PER_LINE = 8 };

static void window_record(const struct reseal_replay *replay, struct reseal_posix_record *out) {
    out->size = 0;
    const uint8_t *salt = replay->epoch.salt;
    reseal_posix_record_add(out, "reseal window %" PRIu32 "\nepoch %" PRIu32 "\n", replay->window,
                            replay->epoch.number);
    reseal_posix_record_add(out, "salt %02x%02x%02x%02x\ntop %" PRIu32 "\naccepted", salt[0], salt[1], salt[2], salt[3],
                            replay->top);
    for (uint32_t i = 0; i < RESEAL_WINDOW_WORDS(replay->window); i++) {
        const char *separator = i % WORDS_PER_LINE == 0 ? "\n" : " ";
        reseal_posix_record_add(out, "%s%08" PRIx32, separator, replay->words[i]);
    }
    reseal_posix_record_add(out, "\n");
    reseal_posix_record_finish(out);
}

static bool header_read(const char **at, struct reseal_replay *out) {
    uint32_t salt = 0;
    if (!reseal_posix_take_number(at, "reseal window ", 10, &out->window) ||
        !reseal_posix_take_number(at, "\nepoch ", 10, &out->epoch.number) ||
        !reseal_posix_take_number(at, "\nsalt ", 16, &salt) || !reseal_posix_take_number(at, "\ntop ", 10, &out->top)) {
        return false;
    }
    for (size_t i = 0; i < RESEAL_SALT_SIZE; i++) {
        out->epoch.salt[i] = (uint8_t)(salt >> (8 * (RESEAL_SALT_SIZE - 1 - i)));
    }
    return out->window >= RESEAL_WINDOW_MIN && out->window <= RESEAL_WINDOW_MAX && out->window % WORD_BITS == 0 &&
           out->top < RESEAL_COUNTER_LIMIT_VALUE;
}

/* `out->words` has room for the largest window. */
static bool window_read(const char *text, struct reseal_replay *out) {
    const char *at = text;
    if (!header_read(&at, out)) {
        return false;
    }
    for (uint32_t i = 0; i < RESEAL_WINDOW_WORDS(out->window); i++) {
        if (!reseal_posix_take_number(&at, i == 0 ? "\naccepted\n" : "", 16, &out->words[i])) {
            return false;
        }
    }
    struct reseal_posix_record record;
    window_record(out, &record);
    return strcmp(record.text, text) == 0;
}

static bool was_accepted(const struct reseal_replay *stored, uint32_t counter) {
    const uint32_t place = counter % stored->window;
    return stored->top - counter >= stored->window ||
           (stored->words[place / WORD_BITS] >> (place % WORD_BITS) & 1) != 0;
}

/* The stored marks in a window that may have another size. */
static void take_over(struct reseal_replay *replay, const struct reseal_replay *stored) {
    replay->epoch = stored->epoch;
    replay->top = stored->top;
    for (uint32_t back = 0; back < replay->window && back <= stored->top; back++) {
        const uint32_t counter = stored->top - back;
        const uint32_t place = counter % replay->window;
        if (was_accepted(stored, counter)) {
            replay->words[place / WORD_BITS] |= UINT32_C(1) << (place % WORD_BITS);
        }
    }
}

/* RESEAL_OK with stored->window 0 if there is no file. */
static enum reseal_status read_stored(const struct reseal_posix_windows *windows, struct reseal_replay *stored) {
    char text[RESEAL_POSIX_TEXT_MAX];
    const enum reseal_posix_read result = reseal_posix_file_read(&windows->file, text);
    if (result == RESEAL_POSIX_MISSING) {
        return RESEAL_OK;
    }
    return result == RESEAL_POSIX_READ && window_read(text, stored) ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
}

static enum reseal_status load(void *context, struct reseal_replay *replay) {
    uint32_t words[WORDS_MAX];
    struct reseal_replay stored = {.words = words};
    const enum reseal_status status = read_stored(context, &stored);
    if (status == RESEAL_OK && stored.window != 0) {
        take_over(replay, &stored);
    }
    return status;
}

static enum reseal_status store(void *context, const struct reseal_replay *replay, uint32_t counter) {
    (void)counter; /* the file is replaced whole */
    const struct reseal_posix_windows *windows = context;
    struct reseal_posix_record record;
    window_record(replay, &record);
    return reseal_posix_file_replace(&windows->file, record.text) ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
}

enum reseal_status reseal_posix_windows_open(struct reseal_posix_windows *windows, const char *path) {
    if (windows == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    enum reseal_status status = reseal_posix_file_open(&windows->file, path, RESEAL_WINDOW_NOT_STORED);
    if (status != RESEAL_OK) {
        return status;
    }
    uint32_t words[WORDS_MAX];
    struct reseal_replay stored = {.words = words};
    status = read_stored(windows, &stored);
    if (status != RESEAL_OK) {
        reseal_posix_windows_close(windows);
    }
    return status;
}

struct reseal_window_store reseal_posix_window_store(struct reseal_posix_windows *windows) {
    return (struct reseal_window_store){.context = windows, .load = load, .store = store};
}

void reseal_posix_windows_close(struct reseal_posix_windows *windows) {
    if (windows != NULL) {
        reseal_posix_file_close(&windows->file);
    }
}
