/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device keeps in NOR flash: its epoch, the replay window for the messages it receives, and one settings record.
 * Each takes two sectors of its own, used in turn, so that losing power at any moment leaves the old value or the new
 * one.
 *
 * Wear, with 4,096-byte sectors rated for 100,000 erasures: an epoch takes 16 bytes, which allows 50 million boots; an
 * accepted message clears one bit, and one sector holds 25,000 of them, which allows 5 billion messages; each new epoch
 * of whoever sends them takes 256 bytes, which allows 3.2 million; a settings record erases one sector each time.
 */
#ifndef RESEAL_FLASH_H
#define RESEAL_FLASH_H

#include <reseal/receiver.h>
#include <reseal/sender.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Two neighbouring sectors. Offsets count from the first byte of the first one. Each function returns false if it
 * failed.
 */
struct reseal_flash {
    void *context;
    uint32_t sector_size; /* bytes that one erase clears; a multiple of 8, at least 32; 256 for a window */
    bool (*read)(void *context, uint32_t offset, uint8_t *out, uint32_t size);
    /*
     * Clears bits and sets none, as flash does. Never crosses a sector; the rest of a page stays unchanged. A window
     * programs the same four bytes up to 32 times between two erasures, each time with one bit to clear.
     */
    bool (*program)(void *context, uint32_t offset, const uint8_t *data, uint32_t size);
    /* Sets the sector that begins at `offset` to 0xFF. */
    bool (*erase)(void *context, uint32_t offset);
};

/*
 * The epoch store for a sender; `flash`, and what its context points to, must outlive the sender. The highest whole
 * record counts, torn ones are skipped, and a sector is erased only when its turn comes. A record is read back before
 * it counts as stored. All errors are RESEAL_EPOCH_NOT_STORED.
 */
struct reseal_epoch_store reseal_flash_epoch_store(const struct reseal_flash *flash);

/*
 * The window store for a receiver with RESEAL_WINDOW_DEFAULT counters, created and used like the epoch store. A message
 * that was accepted is still refused after a restart. Of the others at most one is: the one that was being received
 * when the power failed. The flash is programmed once for a message, in four bytes. All errors are
 * RESEAL_WINDOW_NOT_STORED.
 */
struct reseal_window_store reseal_flash_window_store(const struct reseal_flash *flash);

/* The most that a settings record may hold, in bytes. */
#define RESEAL_FLASH_RECORD_MAX(sector_size) ((sector_size)-12)

/*
 * Reads the newest whole record into `out`; out->size is 0 if there is none. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT,
 * RESEAL_BUFFER_TOO_SMALL or RESEAL_NOT_STORED (the flash cannot be read).
 */
enum reseal_status reseal_flash_record_read(const struct reseal_flash *flash, struct reseal_buffer *out);

/*
 * Writes a record over the older of the two and reads it back. The newest one stays until this one is whole: after a
 * loss of power one of them is there, never neither. The older one, secrets included, is gone only once another write
 * has replaced it. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null, empty or too long) or RESEAL_NOT_STORED.
 */
enum reseal_status reseal_flash_record_write(const struct reseal_flash *flash, struct reseal_bytes record);

#ifdef __cplusplus
}
#endif
#endif
