/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration mode on a host: the same pages as on a device, on a port of 127.0.0.1. */
#ifndef RESEAL_SETUP_POSIX_H
#define RESEAL_SETUP_POSIX_H

#include <reseal/setup.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Listens on *port of 127.0.0.1. If it is 0, a free port is used and *port is set to it. Returns the listening socket,
 * which the caller closes, or -1 with errno set.
 */
int reseal_setup_posix_listen(uint16_t *port);

enum reseal_setup_posix_end {
    RESEAL_SETUP_POSIX_TAKEN = 0,   /* settings were stored, and the page has been told */
    RESEAL_SETUP_POSIX_STOPPED = 1, /* `stop` became readable */
    RESEAL_SETUP_POSIX_FAILED = 2   /* see errno */
};

/*
 * Serves an open `setup` until settings are taken. `stop` is a file descriptor that becomes readable when serving must
 * end, or -1. At most eight connections are open at a time. Each is closed after RESEAL_SETUP_CLIENT_MS; a ninth
 * displaces the oldest that is not being served. After too many wrong codes have closed the mode, it keeps saying so.
 */
enum reseal_setup_posix_end reseal_setup_posix_serve(struct reseal_setup *setup, int listener, int stop);

#ifdef __cplusplus
}
#endif
#endif
