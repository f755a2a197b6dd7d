/* A slot is an epoch and its checksum. The slots of a sector are filled from its start. */
#include "record.h"

enum { SLOT = 8, BLANK = 0xFF };

/* What a walk over both sectors found. */
struct survey {
    uint32_t epoch;     /* the highest whole one, 0: none */
    uint32_t sector;    /* where it stands, 0 or 1 */
    uint32_t behind[2]; /* of each sector: the offset in it behind the last slot that is not blank */
};

static bool is_blank(const uint8_t slot[SLOT]) {
    unsigned all = BLANK;
    for (unsigned i = 0; i < SLOT; i++) {
        all &= slot[i];
    }
    return all == BLANK;
}

static uint32_t sum_of(const uint8_t slot[SLOT]) {
    return reseal_flash_sum(RESEAL_FLASH_EPOCH, slot, sizeof(uint32_t));
}

static bool survey(const struct reseal_flash *flash, struct survey *out) {
    *out = (struct survey){0};
    for (uint32_t offset = 0; offset < 2 * flash->sector_size; offset += SLOT) {
        uint8_t slot[SLOT];
        if (!flash->read(flash->context, offset, slot, SLOT)) {
            return false;
        }
        if (is_blank(slot)) {
            continue;
        }
        const uint32_t sector = offset >= flash->sector_size;
        out->behind[sector] = offset + SLOT - sector * flash->sector_size;
        const uint32_t epoch = reseal_flash_number(slot);
        if (reseal_flash_number(slot + sizeof epoch) == sum_of(slot) && epoch > out->epoch) {
            out->epoch = epoch;
            out->sector = sector;
        }
    }
    return true;
}

static enum reseal_status load(void *context, uint32_t *epoch) {
    struct survey found;
    if (!survey(context, &found)) {
        return RESEAL_EPOCH_NOT_STORED;
    }
    *epoch = found.epoch;
    return RESEAL_OK;
}

/*
 * A sector is erased before its first slot is written, also where it looks blank: an erasure that was cut short can
 * leave bits that do not last. The sector of the highest epoch is never erased.
 */
static bool append(const struct reseal_flash *flash, const struct survey *found, uint32_t epoch) {
    uint32_t sector = found->sector;
    uint32_t place = found->behind[sector];
    if (place == flash->sector_size) {
        sector = 1 - sector;
        place = 0;
    }
    const uint32_t offset = sector * flash->sector_size + place;
    if (place == 0 && !flash->erase(flash->context, offset)) {
        return false;
    }
    uint8_t slot[SLOT];
    reseal_flash_put(slot, epoch);
    reseal_flash_put(slot + sizeof epoch, sum_of(slot));
    return reseal_flash_program(flash, offset, slot, SLOT);
}

static enum reseal_status store(void *context, uint32_t epoch) {
    struct survey found;
    return survey(context, &found) && append(context, &found, epoch) ? RESEAL_OK : RESEAL_EPOCH_NOT_STORED;
}

struct reseal_epoch_store reseal_flash_epoch_store(const struct reseal_flash *flash) {
    return (struct reseal_epoch_store){.context = (void *)(uintptr_t)flash, .load = load, .store = store};
}
