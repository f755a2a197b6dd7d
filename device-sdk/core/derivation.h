/* SPDX-License-Identifier: Apache-2.0 */
/* The separate steps between credentials and the AEAD, for which the test vectors give values. Not part of the API. */
#ifndef RESEAL_CORE_DERIVATION_H
#define RESEAL_CORE_DERIVATION_H

#include <reseal/envelope.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_INFO_MAX = 28,                  /* 27 with the longest of everything */
    RESEAL_AAD_MAX = RESEAL_TOPIC_MAX + 25 /* Enc_structure without the topic */
};

/*
 * Writes the HKDF info of RFC 8613 section 3.2.1 and returns its size. `id` and `context` have at most 8 bytes each;
 * a `context` whose data is null is written as null. `type` is "Key", "IV" or "TLS-PSK", `size` that of the derived
 * bytes.
 */
size_t reseal_info_write(uint8_t out[RESEAL_INFO_MAX], struct reseal_bytes id, struct reseal_bytes context,
                         int algorithm, const char *type, size_t size);

/* Writes base IV XOR counter, as many bytes as the algorithm's nonce has. */
void reseal_nonce_write(uint8_t out[RESEAL_NONCE_SIZE_MAX], const struct reseal_epoch_keys *keys, uint32_t counter);

/* Writes the Enc_structure of a message under a checked `topic` to at most topic.size + 25 bytes; returns its size. */
size_t reseal_aad_write(uint8_t *out, int algorithm, struct reseal_bytes topic);

/*
 * RESEAL_OK if a message of `plaintext_size` bytes under `topic` fits `capacity`, else RESEAL_TOO_LONG,
 * RESEAL_BUFFER_TOO_SMALL or RESEAL_BAD_TOPIC. `counter` is below the limit.
 */
enum reseal_status reseal_fit_check(int algorithm, uint32_t counter, struct reseal_bytes topic, size_t plaintext_size,
                                    size_t capacity);

/*
 * reseal_message_seal after its checks: reseal_fit_check has returned RESEAL_OK, and out->size is 0. Returns RESEAL_OK,
 * RESEAL_WRONG_ALGORITHM or RESEAL_CRYPTO_FAILED.
 */
enum reseal_status reseal_seal_checked(struct reseal_epoch_keys *keys, const struct reseal_envelope *header,
                                       const struct reseal_bytes *topic, struct reseal_bytes plaintext,
                                       struct reseal_buffer *out);

/*
 * Writes everything before the `sealed_size` sealed bytes and returns its size. reseal_fit_check has made sure that
 * `out` has room.
 */
size_t reseal_header_write(uint8_t *out, const struct reseal_envelope *envelope, size_t sealed_size);

/* The check that sender and receiver share when opened: RESEAL_OK, RESEAL_BAD_ARGUMENT or RESEAL_BAD_CREDENTIALS. */
enum reseal_status reseal_open_check(const struct reseal_credentials *credentials, enum reseal_direction direction,
                                     const struct reseal_crypto *crypto);

/* Moves keys: `to` is wiped first, `from` is none afterwards. */
void reseal_epoch_keys_move(struct reseal_epoch_keys *to, struct reseal_epoch_keys *from);

#ifdef __cplusplus
}
#endif
#endif
