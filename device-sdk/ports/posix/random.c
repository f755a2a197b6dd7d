/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* getrandom, which -std=c11 hides */

#include <errno.h>
#include <reseal/posix.h>
#include <sys/random.h>

static bool fill(void *context, uint8_t *out, size_t size) {
    (void)context;
    size_t done = 0;
    while (done < size) {
        const ssize_t got = getrandom(out + done, size - done, 0);
        if (got < 0 && errno != EINTR) {
            return false;
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return true;
}

struct reseal_random reseal_posix_random(void) {
    return (struct reseal_random){.context = NULL, .fill = fill};
}
