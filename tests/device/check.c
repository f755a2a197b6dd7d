/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>

static unsigned passed;
static unsigned failed;

bool check(bool ok, const char *subject, const char *what) {
    if (ok) {
        passed++;
    } else {
        failed++;
        printf("%s: %s\n", subject, what);
    }
    return ok;
}

int check_end(void) {
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? 0 : 1;
}
