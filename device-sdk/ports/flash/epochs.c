/* SPDX-License-Identifier: Apache-2.0 */
/* An epoch is the number of a record that holds nothing else. */
#include "log.h"
#include "record.h"

static const struct reseal_flash_log epochs = {RESEAL_FLASH_EPOCH, 8, 8};

static enum reseal_status load(void *context, uint32_t *epoch) {
    struct reseal_flash_survey found;
    const bool readable = reseal_flash_log_survey(context, &epochs, &found);
    *epoch = found.newest.number;
    return readable ? RESEAL_OK : RESEAL_EPOCH_NOT_STORED;
}

static enum reseal_status store(void *context, uint32_t epoch) {
    struct reseal_flash_survey found;
    struct reseal_flash_entry entry;
    entry.number = epoch;
    const bool stored =
        reseal_flash_log_survey(context, &epochs, &found) && reseal_flash_log_append(context, &epochs, &found, &entry);
    return stored ? RESEAL_OK : RESEAL_EPOCH_NOT_STORED;
}

struct reseal_epoch_store reseal_flash_epoch_store(const struct reseal_flash *flash) {
    return (struct reseal_epoch_store){.context = (void *)flash, .load = load, .store = store};
}
