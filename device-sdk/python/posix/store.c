/* SPDX-License-Identifier: Apache-2.0 */
#include "python/store.h"

#include <stdio.h>
#include <string.h>

enum { PATH_SIZE = 4096 };

/* False if the path is too long. */
static bool path_of(const char *folder, const char *name, char out[PATH_SIZE]) {
    const bool here = folder == NULL || *folder == '\0';
    const int size = snprintf(out, PATH_SIZE, "%s%s%s", here ? "" : folder, here ? "" : "/", name);
    return size > 0 && size < PATH_SIZE;
}

static enum reseal_status open_files(struct reseal_py_store *store, const char *folder) {
    char path[PATH_SIZE];
    if (!path_of(folder, "device.credentials", path)) {
        return RESEAL_BAD_ARGUMENT;
    }
    enum reseal_status status = reseal_posix_file_open(&store->credentials, path, RESEAL_NOT_STORED);
    if (status == RESEAL_OK) {
        (void)path_of(folder, "device.epoch", path);
        status = reseal_posix_epochs_open(&store->epochs, path);
    }
    if (status == RESEAL_OK) {
        (void)path_of(folder, "device.window", path);
        status = reseal_posix_windows_open(&store->windows, path);
    }
    return status;
}

enum reseal_status reseal_py_store_open(struct reseal_py_store *store, const char *folder) {
    const enum reseal_status status = open_files(store, folder);
    if (status != RESEAL_OK) {
        reseal_py_store_close(store);
    }
    return status;
}

enum reseal_status reseal_py_store_read(struct reseal_py_store *store, struct reseal_buffer *out) {
    char text[RESEAL_POSIX_TEXT_MAX];
    out->size = 0;
    enum reseal_status status = RESEAL_NOT_STORED;
    switch (reseal_posix_file_read(&store->credentials, text)) {
        case RESEAL_POSIX_MISSING:
            return RESEAL_OK;
        case RESEAL_POSIX_READ:
            status = strlen(text) <= out->capacity ? RESEAL_OK : RESEAL_BUFFER_TOO_SMALL;
            break;
        default:
            break;
    }
    if (status == RESEAL_OK) {
        out->size = strlen(text);
        memcpy(out->data, text, out->size);
    }
    reseal_wipe(text, sizeof text);
    return status;
}

enum reseal_status reseal_py_store_write(struct reseal_py_store *store, const char *text) {
    return reseal_posix_file_replace(&store->credentials, text) ? RESEAL_OK : RESEAL_NOT_STORED;
}

struct reseal_port reseal_py_store_port(struct reseal_py_store *store) {
    return (struct reseal_port){.crypto = reseal_crypto_mbedtls(),
                                .epochs = reseal_posix_epoch_store(&store->epochs),
                                .random = reseal_posix_random(),
                                .windows = reseal_posix_window_store(&store->windows)};
}

void reseal_py_store_close(struct reseal_py_store *store) {
    reseal_posix_windows_close(&store->windows);
    reseal_posix_epochs_close(&store->epochs);
    reseal_posix_file_close(&store->credentials);
}
