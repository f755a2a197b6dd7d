/* SPDX-License-Identifier: Apache-2.0 */
/* A small text file that belongs to one process and is replaced whole. */
#ifndef RESEAL_POSIX_FILE_H
#define RESEAL_POSIX_FILE_H

#include <reseal/posix.h>

enum { RESEAL_POSIX_TEXT_MAX = 2048 }; /* bytes of a file, with the NUL after it */

/* Takes the lock. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT, RESEAL_IN_USE, or `failed` for any other error. */
enum reseal_status reseal_posix_file_open(struct reseal_posix_file *file, const char *path, enum reseal_status failed);

enum reseal_posix_read { RESEAL_POSIX_READ, RESEAL_POSIX_MISSING, RESEAL_POSIX_UNREADABLE };

/* Reads the whole file into `text`, with a NUL after it. A file that does not fit or contains a NUL is unreadable. */
enum reseal_posix_read reseal_posix_file_read(const struct reseal_posix_file *file, char text[RESEAL_POSIX_TEXT_MAX]);

/* Replaces the file with `text`; true only once that survives a loss of power. */
bool reseal_posix_file_replace(const struct reseal_posix_file *file, const char *text);

void reseal_posix_file_close(struct reseal_posix_file *file);

#endif
