/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs on the emulated processor share. Each prints one line per failed check, and a count. */
#ifndef RESEAL_DEVICE_CHECK_H
#define RESEAL_DEVICE_CHECK_H

#include <stdbool.h>

/* Notes one check; `subject` and `what` are printed if it failed. Returns `ok`. */
bool check(bool ok, const char *subject, const char *what);

/* Prints how many passed and failed; the exit status for main. */
int check_end(void);

#endif
