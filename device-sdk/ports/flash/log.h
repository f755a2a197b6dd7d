/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log of fixed-size records in two sectors of flash. Each record has a higher number than the one before, and is
 * whole or absent. Older records are kept only until their sector is needed.
 */
#ifndef RESEAL_FLASH_LOG_H
#define RESEAL_FLASH_LOG_H

#include <reseal/flash.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RESEAL_FLASH_PAYLOAD_MAX = 28 };

/* A record as stored in flash, up to the end of its payload. */
struct reseal_flash_entry {
    uint32_t sum;    /* over what follows */
    uint32_t number; /* 0: none */
    uint8_t payload[RESEAL_FLASH_PAYLOAD_MAX];
};

/* The kind of records in a log. */
struct reseal_flash_log {
    uint8_t kind;    /* where the checksum begins */
    uint8_t size;    /* bytes of a record: 8 and its payload */
    uint16_t stride; /* from one record to the next: its size and what its owner keeps behind it */
};

/* What a walk over both sectors finds: the newest record, where its sector starts, and offsets there. */
struct reseal_flash_survey {
    struct reseal_flash_entry newest; /* its number is 0 if there is none */
    uint32_t start;
    uint32_t place;  /* of the record */
    uint32_t behind; /* after the last slot that is not blank; 0, set by a caller: none was begun after the record's */
};

/* False: the flash cannot be read. */
bool reseal_flash_log_survey(const struct reseal_flash *flash, const struct reseal_flash_log *log,
                             struct reseal_flash_survey *out);

/*
 * Adds `entry`, whose number is above 0 and above that of the newest one in `found`, and writes its sum. True once it
 * was read back from the flash; `found` then tells where it is. If there was none, it does not touch the sector at
 * found->start.
 */
bool reseal_flash_log_append(const struct reseal_flash *flash, const struct reseal_flash_log *log,
                             struct reseal_flash_survey *found, struct reseal_flash_entry *entry);

#ifdef __cplusplus
}
#endif
#endif
