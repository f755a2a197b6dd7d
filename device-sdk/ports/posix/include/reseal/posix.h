/*
 * Ports for a POSIX system: epochs and replay windows in files, randomness from the kernel.
 *
 * Each file belongs to one process at a time, which holds a lock on PATH.lock (that file stays). It is replaced whole
 * and durably: PATH.tmp is written and flushed, renamed to PATH, and the folder is flushed. Files have mode 0600, are
 * readable text, and end in a checksum: one that was damaged or edited is refused, never taken for a missing one.
 * PATH itself may not be a symbolic link.
 *
 * A process that forks shares its locks with the child. What was opened before seals in the one that opened it only:
 * in the child it is refused (RESEAL_OTHER_PROCESS).
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
 * Locks and reads the epoch file `path`; a missing file means that no epoch was used yet, its folder must exist.
 * Close before opening again. Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null, or a name that is empty or too long),
 * RESEAL_IN_USE, or RESEAL_EPOCH_NOT_STORED if folder, lock or file cannot be used; unless RESEAL_OK, it stays closed.
 */
enum reseal_status reseal_posix_epochs_open(struct reseal_posix_epochs *epochs, const char *path);

/* The port for a sender; `epochs` must outlive it. All its errors are RESEAL_EPOCH_NOT_STORED. */
struct reseal_epoch_store reseal_posix_epoch_store(struct reseal_posix_epochs *epochs);

/* Gives the lock back. A null or closed one is allowed. */
void reseal_posix_epochs_close(struct reseal_posix_epochs *epochs);

struct reseal_posix_windows {
    struct reseal_posix_file file;
};

/* The same for the file of one receiver's replay window; the error is RESEAL_WINDOW_NOT_STORED. */
enum reseal_status reseal_posix_windows_open(struct reseal_posix_windows *windows, const char *path);

/*
 * The port for a receiver; `windows` must outlive it. Each accepted message is flushed to the disk before it is given
 * out. If the window was stored with another size, every counter that the stored one cannot vouch for counts as
 * accepted: a message may be refused that was never accepted, none is accepted twice.
 */
struct reseal_window_store reseal_posix_window_store(struct reseal_posix_windows *windows);

void reseal_posix_windows_close(struct reseal_posix_windows *windows);

/*
 * A number for this process, which no process that it forks has; 0 if the kernel gives no memory for it. The second
 * call says whether this is the process of that number: one load from memory, so it can be asked at each seal.
 */
uint32_t reseal_posix_process(void);
bool reseal_posix_is_process(uint32_t number);

/* The kernel's random generator, through getrandom(2). */
struct reseal_random reseal_posix_random(void);

#ifdef __cplusplus
}
#endif
#endif
