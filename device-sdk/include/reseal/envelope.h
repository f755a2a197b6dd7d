/* SPDX-License-Identifier: Apache-2.0 */
/* The message: one COSE_Encrypt0 (RFC 9052 section 5.2) in the one shape of protocol.md, "Message". */
#ifndef RESEAL_ENVELOPE_H
#define RESEAL_ENVELOPE_H

#include <reseal/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The longest topic in bytes. It determines how much stack a seal or an open takes besides the cryptographic library:
 * about RESEAL_TOPIC_MAX + 64 bytes, but no more than about 320 for a topic of up to 256 bytes. So where an operating
 * system's default holds, a topic of 257 bytes or more takes 64 KiB: a thread that seals under such topics needs that
 * much stack. reseal_device_seal never does (RESEAL_DEVICE_TOPIC_MAX). Without an operating system the default suits a
 * small device. To change it, compile the SDK and everything that includes it with -DRESEAL_TOPIC_MAX=...
 */
#ifndef RESEAL_TOPIC_MAX
#if defined(__unix__) || defined(__APPLE__) || defined(_WIN32)
#define RESEAL_TOPIC_MAX 65535
#else
#define RESEAL_TOPIC_MAX 128
#endif
#endif

/* The most bytes by which a message exceeds its plaintext. */
enum { RESEAL_OVERHEAD_MAX = 56 };

/* What the header says. None of it is authenticated until reseal_message_open returns RESEAL_OK. */
struct reseal_envelope {
    uint8_t algorithm; /* enum reseal_algorithm */
    uint8_t direction; /* enum reseal_direction */
    uint8_t key_id[RESEAL_KEY_ID_SIZE];
    struct reseal_epoch epoch;
    uint32_t counter;
    struct reseal_bytes sealed; /* ciphertext then tag, inside the parsed message */
};

/*
 * Reads the header. Accepts exactly the protocol's shape: any other header, order, length form, tag or trailing byte is
 * RESEAL_MALFORMED. Epoch 0 is RESEAL_STALE_EPOCH, a counter of 2^20 or more RESEAL_COUNTER_LIMIT. `out` borrows from
 * `message` and is written only on RESEAL_OK.
 */
enum reseal_status reseal_envelope_parse(struct reseal_bytes message, struct reseal_envelope *out);

/* Size in bytes of the message that seals `plaintext_size` bytes; 0 if the algorithm or a limit forbids it. */
size_t reseal_message_size(enum reseal_algorithm algorithm, uint32_t counter, size_t plaintext_size);

/* RESEAL_OK for an MQTT topic name of 1 to RESEAL_TOPIC_MAX bytes without '+', '#' and NUL, else RESEAL_BAD_TOPIC. */
enum reseal_status reseal_topic_check(struct reseal_bytes topic);

/*
 * Seals one message. `header` gives algorithm, direction, key id, epoch and counter; its `sealed` is not read. The
 * caller must never use the same (keys, counter) twice. reseal_sender_seal takes care of that: use it unless you are
 * replaying test vectors. Returns RESEAL_OK, RESEAL_BAD_TOPIC, RESEAL_TOO_LONG, RESEAL_BUFFER_TOO_SMALL,
 * RESEAL_COUNTER_LIMIT, RESEAL_WRONG_ALGORITHM (keys and header do not agree) or RESEAL_CRYPTO_FAILED. `out` must not
 * overlap the inputs.
 */
enum reseal_status reseal_message_seal(struct reseal_epoch_keys *keys, const struct reseal_envelope *header,
                                       struct reseal_bytes topic, struct reseal_bytes plaintext,
                                       struct reseal_buffer *out);

/*
 * Opens a parsed message with the keys of its epoch. Does not check any replay window.
 * Needs out->capacity >= envelope->sealed.size - 16. Returns RESEAL_OK, RESEAL_BAD_TOPIC, RESEAL_BUFFER_TOO_SMALL,
 * RESEAL_WRONG_ALGORITHM, RESEAL_BAD_TAG or RESEAL_CRYPTO_FAILED; unless RESEAL_OK, `out` holds nothing readable.
 */
enum reseal_status reseal_message_open(struct reseal_epoch_keys *keys, const struct reseal_envelope *envelope,
                                       struct reseal_bytes topic, struct reseal_buffer *out);

#ifdef __cplusplus
}
#endif
#endif
