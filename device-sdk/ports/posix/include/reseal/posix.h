/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports for a POSIX system: epochs and replay windows in files, randomness from the kernel.
 *
 * Each file belongs to one process at a time, which holds a lock on PATH.lock (that file stays). It is replaced whole
 * and durably: PATH.tmp is written and flushed, renamed to PATH, and the folder is flushed. Files have mode 0600, are
 * readable text, and end in a checksum: a damaged or edited file is refused, never treated as missing. PATH itself must
 * not be a symbolic link.
 *
 * A forked child shares its parent's locks. Only the process that opened a store may seal with it: in the child,
 * sealing is refused (RESEAL_OTHER_PROCESS).
 */
#ifndef RESEAL_POSIX_H
#define RESEAL_POSIX_H

#include <reseal/receiver.h>
#include <reseal/sender.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RESEAL_POSIX_NAME_MAX = 250 }; /* bytes of a file's name without its folder */

/* The caller allocates it; treat it as opaque. Zeroed memory is "closed". */
struct reseal_posix_file {
    int folder;
    int lock;
    bool opened;
    char name[RESEAL_POSIX_NAME_MAX + 1];
};

struct reseal_posix_epochs {
    struct reseal_posix_file file;
    uint32_t process; /* that opened it */
};

/*
 * Locks and reads the epoch file `path`; a missing file means that no epoch was used yet, but its folder must exist.
 * Close before opening again. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null, or a name that is empty or too long),
 * RESEAL_IN_USE, or RESEAL_EPOCH_NOT_STORED if folder, lock or file cannot be used; unless RESEAL_OK, it stays closed.
 */
enum reseal_status reseal_posix_epochs_open(struct reseal_posix_epochs *epochs, const char *path);

/* The port for a sender; `epochs` must outlive it. All its errors are RESEAL_EPOCH_NOT_STORED. */
struct reseal_epoch_store reseal_posix_epoch_store(struct reseal_posix_epochs *epochs);

/* Releases the lock. Null or closed is allowed. */
void reseal_posix_epochs_close(struct reseal_posix_epochs *epochs);

struct reseal_posix_windows {
    struct reseal_posix_file file;
};

/* The same for one receiver's replay window file; the error is RESEAL_WINDOW_NOT_STORED. */
enum reseal_status reseal_posix_windows_open(struct reseal_posix_windows *windows, const char *path);

/*
 * The port for a receiver; `windows` must outlive it. Each accepted message is flushed to disk before it is returned.
 * If the window was stored with another size, every counter that it does not cover counts as accepted: a new message
 * may be refused, but none is accepted twice.
 */
struct reseal_window_store reseal_posix_window_store(struct reseal_posix_windows *windows);

void reseal_posix_windows_close(struct reseal_posix_windows *windows);

/*
 * A number for this process, which no process that it forks shares; 0 if the kernel has no memory for it. The second
 * call tells whether this process has that number. It is one load from memory, cheap enough for each seal.
 */
uint32_t reseal_posix_process(void);
bool reseal_posix_is_process(uint32_t number);

/* The kernel's random generator, through getrandom(2). */
struct reseal_random reseal_posix_random(void);

#ifdef __cplusplus
}
#endif
#endif
