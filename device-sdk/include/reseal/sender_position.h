/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For a program with many senders that keeps only the keys of the busy ones. A sender is closed, then later opened
 * again to continue in the same epoch. Receivers see one unbroken sequence, and nothing is stored.
 *
 * A device does not need this. Using a position twice, for instance after reading it from a file, would use a nonce
 * twice under one key. Keep it in memory and use it once.
 */
#ifndef RESEAL_SENDER_POSITION_H
#define RESEAL_SENDER_POSITION_H

#include <reseal/sender.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a closed sender stands: the epoch in which it goes on, and its next counter. */
struct reseal_sender_position {
    struct reseal_epoch epoch; /* number 0: nothing was sealed yet */
    uint32_t counter;          /* the next one */
};

/* The sender's position. Call it right before reseal_sender_close. */
struct reseal_sender_position reseal_sender_position_of(const struct reseal_sender *sender);

/*
 * Lets a sender that was just opened, with the same credentials and direction, continue at `position`. If nothing was
 * sealed at that position yet, or its counter is used up, the next seal raises the epoch as after any open.
 * Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null, or not just opened), RESEAL_WRONG_ALGORITHM or RESEAL_CRYPTO_FAILED;
 * unless RESEAL_OK, the sender is unchanged.
 */
enum reseal_status reseal_sender_go_on(struct reseal_sender *sender, const struct reseal_sender_position *position);

#ifdef __cplusplus
}
#endif
#endif
