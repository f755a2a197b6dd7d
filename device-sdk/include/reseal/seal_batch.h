/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seals many messages from many senders together, which some processors do faster than one after the other: see
 * `seal_many` in crypto.h. Every message is byte for byte what reseal_sender_seal would have written.
 *
 * Order of calls: reseal_sender_seal_begin for each message, then reseal_seal_batch once for all of them. Until then
 *   - the plaintexts and the buffers stay where they are, and the plaintexts unchanged;
 *   - the senders stay where they are and open, and none seals if reseal_sender_raises_epoch says that it would raise
 *     its epoch: complete the batch first. A message whose sender was closed or raised its epoch in between is refused
 *     with RESEAL_CLOSED, since its key is gone;
 *   - no buffer may be sent: it has its header and its size, but after the header only its old bytes.
 */
#ifndef RESEAL_SEAL_BATCH_H
#define RESEAL_SEAL_BATCH_H

#include <reseal/sender.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_SEALING_AAD_MAX = 128,
    /* reseal_sender_seal_begin seals a longer topic at once. */
    RESEAL_SEALING_TOPIC_MAX = RESEAL_SEALING_AAD_MAX - 25
};

/*
 * One message that is being sealed. The caller allocates it, and may move it by copying its bytes once; treat all but
 * `status` as opaque. It holds no key.
 */
struct reseal_sealing {
    enum reseal_status status;          /* as reseal_sender_seal would have answered; final after reseal_seal_batch */
    const struct reseal_sender *sender; /* null when there is nothing left to do */
    struct reseal_epoch epoch;
    size_t header_size; /* of what comes before job.out in the same buffer */
    struct reseal_seal_job job;
    uint8_t nonce[RESEAL_NONCE_SIZE_MAX];
    uint8_t aad[RESEAL_SEALING_AAD_MAX];
};

/* Whether the sender's next seal raises its epoch, which replaces its key. */
bool reseal_sender_raises_epoch(const struct reseal_sender *sender);

/*
 * Does all of reseal_sender_seal but the cipher: checks, raises the epoch if that is due, takes the counter, writes the
 * header and sets out->size to the size that the message will have. `topic` is not needed afterwards. Returns what
 * reseal_sender_seal would, or RESEAL_BAD_ARGUMENT for a null `job`, and sets job->status to it. Unless RESEAL_OK,
 * out->size is 0 and the batch leaves the message alone.
 */
enum reseal_status reseal_sender_seal_begin(struct reseal_sender *sender, struct reseal_bytes topic,
                                            struct reseal_bytes plaintext, struct reseal_buffer *out,
                                            struct reseal_sealing *job);

/*
 * Completes `count` messages. Afterwards the status of each that was begun with RESEAL_OK is RESEAL_OK,
 * RESEAL_CRYPTO_FAILED or RESEAL_CLOSED; unless RESEAL_OK, the part of the buffer that the message occupied is wiped,
 * and the other messages are as they would be without this one. A message that was already completed is left alone.
 */
void reseal_seal_batch(struct reseal_sealing *jobs, size_t count);

#ifdef __cplusplus
}
#endif
#endif
