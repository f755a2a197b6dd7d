/* SPDX-License-Identifier: Apache-2.0 */
/* The slots of a sector are filled from its start. */
#include "log.h"

#include <string.h>

#include "record.h"

enum { HEAD = 8 }; /* number and sum */

static uint32_t sum_of(const struct reseal_flash_log *log, const struct reseal_flash_entry *entry) {
    return reseal_flash_sum(log->kind, &entry->number, log->size - sizeof entry->sum);
}

bool reseal_flash_log_survey(const struct reseal_flash *flash, const struct reseal_flash_log *log,
                             struct reseal_flash_survey *out) {
    memset(out, 0, sizeof *out);
    for (uint32_t start = 0; start <= flash->sector_size; start += flash->sector_size) {
        uint32_t behind = 0;
        for (uint32_t place = 0; place + log->stride <= flash->sector_size; place += log->stride) {
            struct reseal_flash_entry entry;
            if (!flash->read(flash->context, start + place, (uint8_t *)&entry, log->size)) {
                return false;
            }
            if ((entry.number & entry.sum) != UINT32_MAX) {
                behind = place + log->stride;
            }
            if (entry.number > out->newest.number && entry.sum == sum_of(log, &entry)) {
                out->newest = entry;
                out->start = start;
                out->place = place;
            }
        }
        if (out->start == start) {
            out->behind = behind;
        }
    }
    return true;
}

/*
 * Bits that were being written or erased when the power failed may read differently each time. So
 * - the newest record is programmed once more, which makes it stable;
 * - the heads after it, and that of one slot that may only look blank, become zeros, which are stable;
 * - the new record goes where nothing was attempted since the whole sector was erased. A sector is erased right before
 *   its first slot is written, even if it looks blank. The newest record's sector is never erased.
 */
bool reseal_flash_log_append(const struct reseal_flash *flash, const struct reseal_flash_log *log,
                             struct reseal_flash_survey *found, struct reseal_flash_entry *entry) {
    static const uint32_t spent[] = {0, 0};
    const uint32_t end = flash->sector_size - log->stride;
    bool ready = true;
    uint32_t place = flash->sector_size;
    if (found->newest.number > 0) {
        ready = reseal_flash_program(flash, found->start + found->place, &found->newest, log->size);
        for (place = found->place + log->stride; ready && place <= found->behind; place += log->stride) {
            ready = place > end || reseal_flash_program(flash, found->start + place, spent, HEAD);
        }
    }
    if (ready && place > end) {
        found->start = flash->sector_size - found->start;
        place = 0;
        ready = flash->erase(flash->context, found->start);
    }
    found->place = place;
    entry->sum = sum_of(log, entry);
    return ready && reseal_flash_program(flash, found->start + place, entry, log->size);
}
