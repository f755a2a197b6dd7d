/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The power fails while the epoch or a received message is written to flash. The sender derives its keys with the real
 * library.
 */
#include "ports/flash/power_cuts.h"

#include <stdio.h>

#include "check.h"
#include "ports/flash/window_cuts.h"

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
    struct reseal_receipts receipts = {0};
    reseal_window_cut_everywhere(512, 7, 101, &receipts);
    printf("messages: %lu boots, in %lu of them the power failed\n", (unsigned long)receipts.boots,
           (unsigned long)receipts.cuts);
    check(receipts.accepted_twice == 0, "messages", "one was accepted twice");
    check(receipts.lost == 0, "messages", "a new one was refused");
    check(receipts.cuts > 500, "messages", "the power failed in too few boots");
    return check_end();
}
