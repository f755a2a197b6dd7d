/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "file.h"
#include "record.h"

static void epoch_record(uint32_t epoch, struct reseal_posix_record *out) {
    out->size = 0;
    reseal_posix_record_add(out, "reseal epoch %" PRIu32 "\n", epoch);
    reseal_posix_record_finish(out);
}

static enum reseal_status load(void *context, uint32_t *epoch) {
    const struct reseal_posix_epochs *epochs = context;
    char text[RESEAL_POSIX_TEXT_MAX];
    *epoch = 0;
    const enum reseal_posix_read result = reseal_posix_file_read(&epochs->file, text);
    if (result == RESEAL_POSIX_MISSING) {
        return RESEAL_OK;
    }
    const char *at = text;
    uint32_t found = 0;
    if (result != RESEAL_POSIX_READ || !reseal_posix_take_number(&at, "reseal epoch ", 10, &found)) {
        return RESEAL_EPOCH_NOT_STORED;
    }
    struct reseal_posix_record record;
    epoch_record(found, &record);
    if (strcmp(record.text, text) != 0) {
        return RESEAL_EPOCH_NOT_STORED;
    }
    *epoch = found;
    return RESEAL_OK;
}

static enum reseal_status store(void *context, uint32_t epoch) {
    const struct reseal_posix_epochs *epochs = context;
    struct reseal_posix_record record;
    epoch_record(epoch, &record);
    return reseal_posix_file_replace(&epochs->file, record.text) ? RESEAL_OK : RESEAL_EPOCH_NOT_STORED;
}

static bool is_own(const void *context) {
    const struct reseal_posix_epochs *epochs = context;
    return reseal_posix_is_process(epochs->process);
}

enum reseal_status reseal_posix_epochs_open(struct reseal_posix_epochs *epochs, const char *path) {
    if (epochs == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    enum reseal_status status = reseal_posix_file_open(&epochs->file, path, RESEAL_EPOCH_NOT_STORED);
    if (status != RESEAL_OK) {
        return status;
    }
    uint32_t epoch = 0;
    epochs->process = reseal_posix_process();
    status = epochs->process == 0 ? RESEAL_EPOCH_NOT_STORED : load(epochs, &epoch);
    if (status != RESEAL_OK) {
        reseal_posix_epochs_close(epochs);
    }
    return status;
}

struct reseal_epoch_store reseal_posix_epoch_store(struct reseal_posix_epochs *epochs) {
    return (struct reseal_epoch_store){.context = epochs, .load = load, .store = store, .is_own = is_own};
}

void reseal_posix_epochs_close(struct reseal_posix_epochs *epochs) {
    if (epochs != NULL) {
        reseal_posix_file_close(&epochs->file);
    }
}
