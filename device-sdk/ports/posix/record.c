/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void reseal_posix_record_add(struct reseal_posix_record *record, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const size_t space = sizeof record->text - record->size;
    const int added = vsnprintf(record->text + record->size, space, format, arguments);
    va_end(arguments);
    if (added > 0 && (size_t)added < space) {
        record->size += (size_t)added;
    }
}

/* The CRC of IEEE 802.3, as in gzip and PNG. */
static uint32_t crc32_of(const char *text, size_t size) {
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= (uint8_t)text[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? UINT32_C(0xEDB88320) : 0);
        }
    }
    return ~crc;
}

void reseal_posix_record_finish(struct reseal_posix_record *record) {
    reseal_posix_record_add(record, "crc32 %08" PRIx32 "\n", crc32_of(record->text, record->size));
}

bool reseal_posix_take_number(const char **at, const char *label, int base, uint32_t *out) {
    const size_t length = strlen(label);
    if (strncmp(*at, label, length) != 0) {
        return false;
    }
    char *end = NULL;
    const unsigned long long value = strtoull(*at + length, &end, base);
    if (end == *at + length || value > UINT32_MAX) {
        return false;
    }
    *at = end;
    *out = (uint32_t)value;
    return true;
}
