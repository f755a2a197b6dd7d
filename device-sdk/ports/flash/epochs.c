/* A slot is an epoch and its checksum. The slots of a sector are filled from its start. */
#include <string.h>

#include "record.h"

enum { SLOT = 8 };

struct slot {
    uint32_t epoch;
    uint32_t sum;
};

/* What a walk over both sectors found. */
struct survey {
    uint32_t epoch;  /* the highest whole one, 0: none */
    uint32_t sector; /* where it stands, 0 or 1; the others are offsets there */
    uint32_t after;  /* behind its slot */
    uint32_t behind; /* behind the last slot that is not blank */
};

static uint32_t sum_of(const struct slot *slot) {
    return reseal_flash_sum(RESEAL_FLASH_EPOCH, &slot->epoch, sizeof slot->epoch);
}

/* Adds what stands in one sector. */
static bool survey_sector(const struct reseal_flash *flash, uint32_t sector, struct survey *out) {
    uint32_t behind = 0;
    for (uint32_t place = 0; place < flash->sector_size; place += SLOT) {
        struct slot slot;
        if (!flash->read(flash->context, sector * flash->sector_size + place, (uint8_t *)&slot, SLOT)) {
            return false;
        }
        if ((slot.epoch & slot.sum) != UINT32_MAX) {
            behind = place + SLOT;
        }
        if (slot.epoch > out->epoch && slot.sum == sum_of(&slot)) {
            out->epoch = slot.epoch;
            out->sector = sector;
            out->after = place + SLOT;
        }
    }
    if (out->sector == sector) {
        out->behind = behind;
    }
    return true;
}

static bool survey(const struct reseal_flash *flash, struct survey *out) {
    memset(out, 0, sizeof *out);
    return survey_sector(flash, 0, out) && survey_sector(flash, 1, out);
}

static enum reseal_status load(void *context, uint32_t *epoch) {
    struct survey found;
    if (!survey(context, &found)) {
        return RESEAL_EPOCH_NOT_STORED;
    }
    *epoch = found.epoch;
    return RESEAL_OK;
}

static bool put(const struct reseal_flash *flash, uint32_t offset, uint32_t epoch) {
    struct slot slot = {epoch, 0};
    slot.sum = sum_of(&slot);
    return reseal_flash_program(flash, offset, &slot, SLOT);
}

/*
 * Bits that were being written or erased when the power failed can read now one way, now the other. So
 * - the highest epoch is programmed once more: then it lasts;
 * - what stands behind it, and one slot that may only look blank, becomes zeros, which last;
 * - the new epoch goes where nothing was tried since the sector was erased whole. A sector is erased right before its
 *   first slot is written, also where it looks blank. That of the highest epoch is never erased.
 */
static bool append(const struct reseal_flash *flash, const struct survey *found, uint32_t epoch) {
    static const struct slot spent = {0, 0};
    uint32_t start = found->sector * flash->sector_size;
    uint32_t place = found->behind + SLOT;
    bool ready = found->epoch == 0 || put(flash, start + found->after - SLOT, found->epoch);
    for (uint32_t at = found->after; ready && at < place && at < flash->sector_size; at += SLOT) {
        ready = reseal_flash_program(flash, start + at, &spent, SLOT);
    }
    if (found->epoch == 0 || place >= flash->sector_size) {
        start = flash->sector_size - start;
        place = 0;
        ready = ready && flash->erase(flash->context, start);
    }
    return ready && put(flash, start + place, epoch);
}

static enum reseal_status store(void *context, uint32_t epoch) {
    struct survey found;
    return survey(context, &found) && append(context, &found, epoch) ? RESEAL_OK : RESEAL_EPOCH_NOT_STORED;
}

struct reseal_epoch_store reseal_flash_epoch_store(const struct reseal_flash *flash) {
    return (struct reseal_epoch_store){.context = (void *)(uintptr_t)flash, .load = load, .store = store};
}
