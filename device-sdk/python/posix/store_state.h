/* SPDX-License-Identifier: Apache-2.0 */
/* Three files, of one process at a time. */
#ifndef RESEAL_MICROPYTHON_STORE_STATE_H
#define RESEAL_MICROPYTHON_STORE_STATE_H

#include "ports/posix/file.h"

struct reseal_py_store {
    struct reseal_posix_file credentials;
    struct reseal_posix_epochs epochs;
    struct reseal_posix_windows windows;
};

#endif
