/* SPDX-License-Identifier: Apache-2.0 */
/* Where a device keeps its credentials, its epoch and its replay window: files on Unix, flash on a board. */
#ifndef RESEAL_MICROPYTHON_STORE_H
#define RESEAL_MICROPYTHON_STORE_H

#include <reseal/device.h>

#include "store_state.h" /* struct reseal_py_store: from posix/ or rp2/, whichever the build includes */

/*
 * Takes the store. `store` comes zeroed, which means "closed". `folder` is where Unix keeps the files; null is the
 * current one. A board has no choice: there it must be null. Returns RESEAL_OK, RESEAL_IN_USE, RESEAL_BAD_ARGUMENT (the
 * folder) or RESEAL_NOT_STORED; unless RESEAL_OK, it stays closed.
 */
enum reseal_status reseal_py_store_open(struct reseal_py_store *store, const char *folder);

/* The kept text; out->size is 0 if there is none. Returns RESEAL_OK, RESEAL_BUFFER_TOO_SMALL or RESEAL_NOT_STORED. */
enum reseal_status reseal_py_store_read(struct reseal_py_store *store, struct reseal_buffer *out);

/*
 * Replaces the text, which ends with a NUL. Returns RESEAL_OK once the new text survives a loss of power; else
 * RESEAL_NOT_STORED, and the old one is still there.
 */
enum reseal_status reseal_py_store_write(struct reseal_py_store *store, const char *text);

/* What a device needs: ciphers, epochs, random numbers, windows. `store` must outlive it. */
struct reseal_port reseal_py_store_port(struct reseal_py_store *store);

/* Closed is allowed. */
void reseal_py_store_close(struct reseal_py_store *store);

#endif
