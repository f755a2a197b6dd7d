/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict text records. A reader picks the values out of a text, writes the record of these values, and trusts them only
 * if that gives the same text, checksum included.
 */
#ifndef RESEAL_POSIX_RECORD_H
#define RESEAL_POSIX_RECORD_H

#include <reseal/bytes.h>

#include "file.h"

struct reseal_posix_record {
    char text[RESEAL_POSIX_TEXT_MAX];
    size_t size; /* without the NUL after it */
};

/* Appends formatted text. Text that does not fit is a bug in this folder, and makes the record match no file. */
void reseal_posix_record_add(struct reseal_posix_record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends the line "crc32 XXXXXXXX" over all before it. */
void reseal_posix_record_finish(struct reseal_posix_record *record);

/*
 * If `*at` starts with `label`, reads the number in `base` after it and moves `*at` past that. Lenient: comparing the
 * whole record finds any error.
 */
bool reseal_posix_take_number(const char **at, const char *label, int base, uint32_t *out);

#endif
