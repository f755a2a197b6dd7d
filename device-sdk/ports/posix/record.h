/*
 * Strict text records. A reader picks the values out of a text, writes the record of these values, and believes them
 * only if that gives the text back, checksum included.
 */
#ifndef RESEAL_POSIX_RECORD_H
#define RESEAL_POSIX_RECORD_H

#include <reseal/bytes.h>

#include "file.h"

struct reseal_posix_record {
    char text[RESEAL_POSIX_TEXT_MAX];
    size_t size; /* without the NUL behind it */
};

/* Appends formatted text; what does not fit is a mistake in this folder, and makes the record unlike any file. */
void reseal_posix_record_add(struct reseal_posix_record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends the line "crc32 XXXXXXXX" over all before it. */
void reseal_posix_record_finish(struct reseal_posix_record *record);

/*
 * If `*at` starts with `label`, reads the number in `base` behind it and moves `*at` behind that. Lenient: the
 * comparison of the whole record finds what is wrong.
 */
bool reseal_posix_take_number(const char **at, const char *label, int base, uint32_t *out);

#endif
