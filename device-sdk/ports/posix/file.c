/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* flock and O_DIRECTORY, which -std=c11 hides */

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

enum { SIBLING_MAX = RESEAL_POSIX_NAME_MAX + 6, OWNER_ONLY = 0600 };

/* `close` returns -1 on what was never opened; its other errors cannot be handled here. */
static void close_quietly(int descriptor) {
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
}

static int open_folder(const char *path, const char *name) {
    const size_t length = (size_t)(name - path);
    char folder[4096];
    if (length >= sizeof folder) {
        return -1;
    }
    memcpy(folder, path, length);
    folder[length] = '\0';
    return open(length == 0 ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void sibling(const struct reseal_posix_file *file, const char *ending, char out[SIBLING_MAX]) {
    (void)snprintf(out, SIBLING_MAX, "%s%s", file->name, ending);
}

static enum reseal_status take_lock(struct reseal_posix_file *file, enum reseal_status failed) {
    char name[SIBLING_MAX];
    sibling(file, ".lock", name);
    file->lock = openat(file->folder, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, OWNER_ONLY);
    if (file->lock < 0) {
        return failed;
    }
    if (flock(file->lock, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? RESEAL_IN_USE : failed;
    }
    return RESEAL_OK;
}

enum reseal_status reseal_posix_file_open(struct reseal_posix_file *file, const char *path, enum reseal_status failed) {
    if (file == NULL || path == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    memset(file, 0, sizeof *file);
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (*name == '\0' || strlen(name) > RESEAL_POSIX_NAME_MAX) {
        return RESEAL_BAD_ARGUMENT;
    }
    memcpy(file->name, name, strlen(name));
    file->lock = -1;
    file->folder = open_folder(path, name);
    const enum reseal_status status = file->folder >= 0 ? take_lock(file, failed) : failed;
    file->opened = true;
    if (status != RESEAL_OK) {
        reseal_posix_file_close(file);
    }
    return status;
}

/* Reads to the end of the file, or until `text` is full; returns the bytes read, or -1. */
static ssize_t read_all(int descriptor, char *text, size_t capacity) {
    size_t size = 0;
    while (size < capacity) {
        const ssize_t got = read(descriptor, text + size, capacity - size);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return -1;
        }
        size += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)size;
}

enum reseal_posix_read reseal_posix_file_read(const struct reseal_posix_file *file, char text[RESEAL_POSIX_TEXT_MAX]) {
    if (!file->opened) {
        return RESEAL_POSIX_UNREADABLE;
    }
    const int descriptor = openat(file->folder, file->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) {
        return errno == ENOENT ? RESEAL_POSIX_MISSING : RESEAL_POSIX_UNREADABLE;
    }
    const ssize_t size = read_all(descriptor, text, RESEAL_POSIX_TEXT_MAX);
    close_quietly(descriptor);
    if (size < 0 || size == RESEAL_POSIX_TEXT_MAX) {
        return RESEAL_POSIX_UNREADABLE;
    }
    text[size] = '\0';
    return strlen(text) == (size_t)size ? RESEAL_POSIX_READ : RESEAL_POSIX_UNREADABLE;
}

static bool write_all(int descriptor, const char *text, size_t size) {
    size_t done = 0;
    while (done < size) {
        const ssize_t put = write(descriptor, text + done, size - done);
        if (put < 0 && errno != EINTR) {
            return false;
        }
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* A killed process may have left the old temporary file behind. */
static bool write_durably(const struct reseal_posix_file *file, const char *name, const char *text) {
    const int descriptor =
        openat(file->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, OWNER_ONLY);
    if (descriptor < 0) {
        return false;
    }
    const bool written = write_all(descriptor, text, strlen(text)) && fsync(descriptor) == 0;
    return close(descriptor) == 0 && written;
}

bool reseal_posix_file_replace(const struct reseal_posix_file *file, const char *text) {
    if (!file->opened) {
        return false;
    }
    char temporary[SIBLING_MAX];
    sibling(file, ".tmp", temporary);
    return write_durably(file, temporary, text) && renameat(file->folder, temporary, file->folder, file->name) == 0 &&
           fsync(file->folder) == 0;
}

void reseal_posix_file_close(struct reseal_posix_file *file) {
    if (file != NULL && file->opened) {
        close_quietly(file->lock);
        close_quietly(file->folder);
        memset(file, 0, sizeof *file);
    }
}
