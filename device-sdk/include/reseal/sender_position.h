/*
 * For a program with many senders that keeps the keys of the busy ones only: a sender is closed, and later opened again
 * to go on in the same epoch. Receivers then see one unbroken sequence, and nothing is stored.
 *
 * A device needs none of this. Where a position could be used twice (read from a file, say), a nonce would come twice
 * under one key: keep it in memory, and use it once.
 */
#ifndef RESEAL_SENDER_POSITION_H
#define RESEAL_SENDER_POSITION_H

#include <reseal/sender.h>

#ifdef __cplusplus
extern "C" {
#endif

struct reseal_sender_position {
    struct reseal_epoch epoch; /* number 0: nothing was sealed yet */
    uint32_t counter;          /* the next one */
};

/* Where `sender` stands. Take it right before reseal_sender_close. */
struct reseal_sender_position reseal_sender_position_of(const struct reseal_sender *sender);

/*
 * Lets a sender that was just opened, with the same credentials and direction, go on at `position`. At a position where
 * nothing was sealed yet, or the counter is used up, the next seal raises the epoch as after any open.
 * Returns RESEAL_OK, RESEAL_BAD_ARGUMENT (null, or not just opened), RESEAL_WRONG_ALGORITHM or RESEAL_CRYPTO_FAILED;
 * unless RESEAL_OK, the sender stays as it was.
 */
enum reseal_status reseal_sender_go_on(struct reseal_sender *sender, const struct reseal_sender_position *position);

#ifdef __cplusplus
}
#endif
#endif
