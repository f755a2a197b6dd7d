/* SPDX-License-Identifier: Apache-2.0 */
/* A record begins its sector: number, size, checksum, then the bytes. The higher number is the newer one. */
#include <string.h>

#include "record.h"

enum { HEAD = 12, CHUNK = 32 };

struct head {
    uint32_t number; /* 0: no whole record */
    uint32_t size;
    uint32_t sum; /* over number, size and the bytes */
};

static uint32_t sum_of(const struct head *head) {
    return reseal_flash_sum(RESEAL_FLASH_SETTINGS, head, sizeof head->number + sizeof head->size);
}

/* Returns whether the flash can be read; out->number is 0 unless the record is whole. */
static bool head_read(const struct reseal_flash *flash, uint32_t sector, struct head *out) {
    const uint32_t offset = sector * flash->sector_size;
    bool readable = flash->read(flash->context, offset, (uint8_t *)out, HEAD);
    if (!readable || out->size == 0 || out->size > RESEAL_FLASH_RECORD_MAX(flash->sector_size)) {
        memset(out, 0, sizeof *out);
        return readable;
    }
    uint32_t sum = sum_of(out);
    uint8_t chunk[CHUNK];
    for (uint32_t at = 0; readable && at < out->size; at += CHUNK) {
        const uint32_t part = out->size - at < CHUNK ? out->size - at : CHUNK;
        readable = flash->read(flash->context, offset + HEAD + at, chunk, part);
        sum = reseal_flash_sum(sum, chunk, part);
    }
    reseal_wipe(chunk, sizeof chunk);
    if (!readable || sum != out->sum) {
        memset(out, 0, sizeof *out);
    }
    return readable;
}

/* The sector of the newest whole record, and its head. */
static bool newest(const struct reseal_flash *flash, uint32_t *sector, struct head *out) {
    struct head second;
    if (!head_read(flash, 0, out) || !head_read(flash, 1, &second)) {
        return false;
    }
    *sector = second.number > out->number;
    if (*sector == 1) {
        *out = second;
    }
    return true;
}

enum reseal_status reseal_flash_record_read(const struct reseal_flash *flash, struct reseal_buffer *out) {
    if (flash == NULL || out == NULL || (out->data == NULL && out->capacity > 0)) {
        return RESEAL_BAD_ARGUMENT;
    }
    out->size = 0;
    uint32_t sector = 0;
    struct head head;
    if (!newest(flash, &sector, &head)) {
        return RESEAL_NOT_STORED;
    }
    if (head.size > out->capacity) {
        return RESEAL_BUFFER_TOO_SMALL;
    }
    if (head.size > 0 && !flash->read(flash->context, sector * flash->sector_size + HEAD, out->data, head.size)) {
        return RESEAL_NOT_STORED;
    }
    out->size = head.size;
    return RESEAL_OK;
}

/* The head is written last: until it is whole there is no record. */
static bool put(const struct reseal_flash *flash, uint32_t offset, uint32_t number, struct reseal_bytes record) {
    struct head head = {number, (uint32_t)record.size, 0};
    head.sum = reseal_flash_sum(sum_of(&head), record.data, record.size);
    return flash->erase(flash->context, offset) && reseal_flash_program(flash, offset + HEAD, record.data, head.size) &&
           reseal_flash_program(flash, offset, &head, HEAD);
}

enum reseal_status reseal_flash_record_write(const struct reseal_flash *flash, struct reseal_bytes record) {
    if (flash == NULL || record.data == NULL || record.size == 0 ||
        record.size > RESEAL_FLASH_RECORD_MAX(flash->sector_size)) {
        return RESEAL_BAD_ARGUMENT;
    }
    uint32_t sector = 0;
    struct head head;
    if (!newest(flash, &sector, &head) || head.number == UINT32_MAX) {
        return RESEAL_NOT_STORED;
    }
    const uint32_t start = sector * flash->sector_size;
    /* Programming it once more makes the newest one stable, in case the power failed while its head was written. */
    if (head.number > 0 && !reseal_flash_program(flash, start, &head, HEAD)) {
        return RESEAL_NOT_STORED;
    }
    return put(flash, flash->sector_size - start, head.number + 1, record) ? RESEAL_OK : RESEAL_NOT_STORED;
}
