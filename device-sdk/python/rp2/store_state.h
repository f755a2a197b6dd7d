/* SPDX-License-Identifier: Apache-2.0 */
/* The board has one store: this says whose it is. */
#ifndef RESEAL_MICROPYTHON_STORE_STATE_H
#define RESEAL_MICROPYTHON_STORE_STATE_H

#include <stdbool.h> /* NOLINT(modernize-deprecated-headers): this is C */

struct reseal_py_store {
    bool open;
};

#endif
