/* A record begins its sector: number, size, checksum, then the bytes. The higher number is the newer one. */
#include "record.h"

enum { HEAD = 12, CHUNK = 32 };

struct head {
    uint32_t number; /* 0: no whole record */
    uint32_t size;
};

static bool head_read(const struct reseal_flash *flash, uint32_t sector, struct head *out) {
    const uint32_t offset = sector * flash->sector_size;
    uint8_t bytes[HEAD];
    *out = (struct head){0};
    if (!flash->read(flash->context, offset, bytes, HEAD)) {
        return false;
    }
    const struct head head = {reseal_flash_number(bytes), reseal_flash_number(bytes + 4)};
    if (head.size == 0 || head.size > RESEAL_FLASH_RECORD_MAX(flash->sector_size)) {
        return true;
    }
    uint32_t sum = reseal_flash_sum(RESEAL_FLASH_SETTINGS, bytes, 8);
    uint8_t chunk[CHUNK];
    bool readable = true;
    for (uint32_t at = 0; readable && at < head.size; at += CHUNK) {
        const uint32_t part = head.size - at < CHUNK ? head.size - at : CHUNK;
        readable = flash->read(flash->context, offset + HEAD + at, chunk, part);
        sum = reseal_flash_sum(sum, chunk, part);
    }
    reseal_wipe(chunk, sizeof chunk);
    if (readable && sum == reseal_flash_number(bytes + 8)) {
        *out = head;
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

/* The head comes last: until it is whole there is no record. */
static bool put(const struct reseal_flash *flash, uint32_t offset, uint32_t number, struct reseal_bytes record) {
    uint8_t head[HEAD];
    reseal_flash_put(head, number);
    reseal_flash_put(head + 4, (uint32_t)record.size);
    const uint32_t sum = reseal_flash_sum(RESEAL_FLASH_SETTINGS, head, 8);
    reseal_flash_put(head + 8, reseal_flash_sum(sum, record.data, record.size));
    return flash->erase(flash->context, offset) &&
           reseal_flash_program(flash, offset + HEAD, record.data, (uint32_t)record.size) &&
           reseal_flash_program(flash, offset, head, HEAD);
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
    const uint32_t other = head.number == 0 ? 0 : 1 - sector;
    return put(flash, other * flash->sector_size, head.number + 1, record) ? RESEAL_OK : RESEAL_NOT_STORED;
}
