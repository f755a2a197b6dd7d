/* SPDX-License-Identifier: Apache-2.0 */
/* The power fails while the epoch is written to flash; the sender derives its keys with the real library. */
#include "ports/flash/power_cuts.h"

#include <stdio.h>

#include "check.h"

static void judge(const char *subject, const struct reseal_boots *result) {
    printf("%s: %lu boots, in %lu of them the power failed\n", subject, (unsigned long)result->boots,
           (unsigned long)result->cuts);
    check(result->used_twice == 0, subject, "an epoch was used twice");
    check(result->refused == 0, subject, "a device with power could not seal");
    check(result->cuts > result->boots / 3, subject, "the power failed in too few boots");
}

int main(void) {
    struct reseal_boots everywhere = {0};
    reseal_cut_everywhere(32, 2, reseal_crypto_mbedtls(), &everywhere);
    judge("at every byte", &everywhere);
    struct reseal_boots random = {0};
    (void)reseal_cut_at_random(256, 1000, 1, reseal_crypto_mbedtls(), &random);
    judge("at random", &random);
    return check_end();
}
