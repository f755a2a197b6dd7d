/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/envelope.h>
#include <string.h>

#include "cbor.h"
#include "derivation.h"

enum {
    COSE_ENCRYPT0 = 16,
    HEADER_ALG = 1,
    HEADER_KID = 4,
    HEADER_PARTIAL_IV = 6,
    HEADER_KID_CONTEXT = 10,
    CONTEXT_SIZE = 4 + RESEAL_SALT_SIZE,

    PROTOCOL_VERSION = 2,
    COUNTER_SIZE_MAX = 3,
    ALGORITHM_SIZE_MAX = 2,
    /* The header without algorithm, counter and the head of the sealed bytes. */
    HEADER_FIXED = 28,
    HEADER_MAX = HEADER_FIXED + ALGORITHM_SIZE_MAX + COUNTER_SIZE_MAX + RESEAL_CBOR_HEAD_MAX,
    MESSAGE_MIN = HEADER_FIXED + 3 + RESEAL_TAG_SIZE
};

static size_t counter_size(uint32_t counter) {
    if (counter <= UINT8_MAX) {
        return 1;
    }
    return counter <= UINT16_MAX ? 2 : COUNTER_SIZE_MAX;
}

/* {1: alg} in its byte string, as in the message and the additional data. */
static uint8_t *put_protected_header(uint8_t *at, int algorithm) {
    at = reseal_cbor_small(at, RESEAL_CBOR_BYTES, (unsigned)(2 + reseal_cbor_head_size((uint32_t)algorithm)));
    at = reseal_cbor_small(at, RESEAL_CBOR_MAP, 1);
    at = reseal_cbor_small(at, RESEAL_CBOR_UINT, HEADER_ALG);
    return reseal_cbor_head(at, RESEAL_CBOR_UINT, (uint32_t)algorithm);
}

static uint8_t *put_unprotected_header(uint8_t *at, const struct reseal_envelope *envelope) {
    at = reseal_cbor_small(at, RESEAL_CBOR_MAP, 3);
    at = reseal_cbor_small(at, RESEAL_CBOR_UINT, HEADER_KID);
    at = reseal_cbor_small(at, RESEAL_CBOR_BYTES, RESEAL_KID_SIZE);
    at = reseal_put_bytes(at, envelope->key_id, RESEAL_KEY_ID_SIZE);
    *at++ = envelope->direction;

    at = reseal_cbor_small(at, RESEAL_CBOR_UINT, HEADER_PARTIAL_IV);
    at = reseal_cbor_small(at, RESEAL_CBOR_BYTES, (unsigned)counter_size(envelope->counter));
    at = reseal_put_number(at, envelope->counter, counter_size(envelope->counter));

    at = reseal_cbor_small(at, RESEAL_CBOR_UINT, HEADER_KID_CONTEXT);
    at = reseal_cbor_small(at, RESEAL_CBOR_BYTES, CONTEXT_SIZE);
    at = reseal_put_number(at, envelope->epoch.number, sizeof envelope->epoch.number);
    return reseal_put_bytes(at, envelope->epoch.salt, RESEAL_SALT_SIZE);
}

size_t reseal_header_write(uint8_t *out, const struct reseal_envelope *envelope, size_t sealed_size) {
    uint8_t *at = reseal_cbor_small(out, RESEAL_CBOR_TAG, COSE_ENCRYPT0);
    at = reseal_cbor_small(at, RESEAL_CBOR_ARRAY, 3);
    at = put_protected_header(at, envelope->algorithm);
    at = put_unprotected_header(at, envelope);
    at = reseal_cbor_head(at, RESEAL_CBOR_BYTES, (uint32_t)sealed_size);
    return (size_t)(at - out);
}

static uint32_t number_read(const uint8_t *at, size_t size) {
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        value = (value << 8) | at[i];
    }
    return value;
}

/* The size of a byte string's head as its first byte tells it; comparing the header finds nonsense. */
static size_t head_size_read(uint8_t first) {
    switch (first) {
        case 0x58:
            return 2;
        case 0x59:
            return 3;
        case 0x5A:
            return RESEAL_CBOR_HEAD_MAX;
        default:
            return 1;
    }
}

/*
 * Reads the fields from where they must be and trusts nothing else. A message is at least MESSAGE_MIN bytes long, which
 * is more than HEADER_MAX, so nothing here reads past its end.
 */
static bool fields_read(const struct reseal_bytes *message, struct reseal_envelope *out) {
    if (message->size < MESSAGE_MIN) {
        return false;
    }
    const size_t algorithm_size = message->data[2] == 0x44 ? 2 : 1;
    const uint8_t *at = message->data + 4 + algorithm_size;
    out->algorithm = *at;
    at += 4;
    memcpy(out->key_id, at, RESEAL_KEY_ID_SIZE);
    out->direction = at[RESEAL_KEY_ID_SIZE];
    at += RESEAL_KID_SIZE + 1;
    const size_t partial_iv_size = (size_t)(*at++ & 0x0F);
    if (partial_iv_size > COUNTER_SIZE_MAX) {
        return false;
    }
    out->counter = number_read(at, partial_iv_size);
    at += partial_iv_size + 2;
    out->epoch.number = number_read(at, sizeof out->epoch.number);
    memcpy(out->epoch.salt, at + sizeof out->epoch.number, RESEAL_SALT_SIZE);
    at += CONTEXT_SIZE;
    at += head_size_read(*at);
    out->sealed = (struct reseal_bytes){at, message->size - (size_t)(at - message->data)};
    return true;
}

/*
 * The protocol allows one way to write each header. So a message has the right shape if and only if writing the fields
 * that were read from it gives the same bytes.
 */
static bool shape_is_right(const struct reseal_bytes *message, const struct reseal_envelope *envelope) {
    const size_t plaintext_max = reseal_plaintext_max(envelope->algorithm);
    if (plaintext_max == 0 || envelope->sealed.size < RESEAL_TAG_SIZE ||
        envelope->sealed.size - RESEAL_TAG_SIZE > plaintext_max) {
        return false;
    }
    if (envelope->direction != RESEAL_UPLINK && envelope->direction != RESEAL_DOWNLINK) {
        return false;
    }
    uint8_t header[HEADER_MAX];
    const size_t size = reseal_header_write(header, envelope, envelope->sealed.size);
    return size == message->size - envelope->sealed.size && memcmp(header, message->data, size) == 0;
}

enum reseal_status reseal_envelope_parse(struct reseal_bytes message, struct reseal_envelope *out) {
    struct reseal_envelope envelope;
    if (!fields_read(&message, &envelope) || !shape_is_right(&message, &envelope)) {
        return RESEAL_MALFORMED;
    }
    if (envelope.epoch.number == 0) {
        return RESEAL_STALE_EPOCH;
    }
    if (envelope.counter >= RESEAL_COUNTER_LIMIT_VALUE) {
        return RESEAL_COUNTER_LIMIT;
    }
    *out = envelope;
    return RESEAL_OK;
}

size_t reseal_message_size(enum reseal_algorithm algorithm, uint32_t counter, size_t plaintext_size) {
    const size_t plaintext_max = reseal_plaintext_max((int)algorithm);
    if (plaintext_max == 0 || counter >= RESEAL_COUNTER_LIMIT_VALUE || plaintext_size > plaintext_max) {
        return 0;
    }
    const size_t sealed_size = plaintext_size + RESEAL_TAG_SIZE;
    return HEADER_FIXED + reseal_cbor_head_size((uint32_t)algorithm) + counter_size(counter) +
           reseal_cbor_head_size((uint32_t)sealed_size) + sealed_size;
}

enum reseal_status reseal_topic_check(struct reseal_bytes topic) {
    if (topic.size == 0 || topic.size > RESEAL_TOPIC_MAX) {
        return RESEAL_BAD_TOPIC;
    }
    uint8_t bad = 0; /* no early exit and no wider type, so that the compiler can vectorize the loop */
    for (size_t i = 0; i < topic.size; i++) {
        const uint8_t c = topic.data[i];
        bad = (uint8_t)(bad | (c == '+') | (c == '#') | (c == '\0'));
    }
    return bad != 0 ? RESEAL_BAD_TOPIC : RESEAL_OK;
}

size_t reseal_aad_write(uint8_t *out, int algorithm, struct reseal_bytes topic) {
    /* An array of three; the first is the text. */
    static const uint8_t context[] = {0x83, 0x68, 'E', 'n', 'c', 'r', 'y', 'p', 't', '0'};
    const size_t external_size = 2 + reseal_cbor_head_size((uint32_t)topic.size) + topic.size;
    uint8_t *at = reseal_put_bytes(out, context, sizeof context);
    at = put_protected_header(at, algorithm);
    at = reseal_cbor_head(at, RESEAL_CBOR_BYTES, (uint32_t)external_size);
    at = reseal_cbor_small(at, RESEAL_CBOR_ARRAY, 2);
    at = reseal_cbor_small(at, RESEAL_CBOR_UINT, PROTOCOL_VERSION);
    at = reseal_cbor_string(at, RESEAL_CBOR_TEXT, topic);
    return (size_t)(at - out);
}

enum reseal_status reseal_fit_check(int algorithm, uint32_t counter, struct reseal_bytes topic, size_t plaintext_size,
                                    size_t capacity) {
    const size_t size = reseal_message_size((enum reseal_algorithm)algorithm, counter, plaintext_size);
    if (size == 0) {
        return RESEAL_TOO_LONG;
    }
    return size > capacity ? RESEAL_BUFFER_TOO_SMALL : reseal_topic_check(topic);
}

/*
 * The additional data is written on the stack, in a small frame unless the topic is long. A frame for the longest topic
 * would take 64 KiB on a host; -fstack-clash-protection touches each of its pages, which took 80 ns a message.
 */
enum {
    SHORT_TOPIC = RESEAL_TOPIC_MAX < 256 ? RESEAL_TOPIC_MAX : 256,
    SHORT_AAD = SHORT_TOPIC + RESEAL_AAD_MAX - RESEAL_TOPIC_MAX
};

/* What a message's cipher takes besides key and text. */
struct inputs {
    uint8_t nonce[RESEAL_NONCE_SIZE_MAX];
    struct reseal_bytes aad;
};

/* `room` is for the additional data. RESEAL_WRONG_ALGORITHM if keys and header do not agree. */
static enum reseal_status inputs_write(struct inputs *out, uint8_t *room, const struct reseal_epoch_keys *keys,
                                       const struct reseal_envelope *envelope, const struct reseal_bytes *topic) {
    if (keys->aead.crypto == NULL || envelope->algorithm != keys->aead.algorithm) {
        return RESEAL_WRONG_ALGORITHM;
    }
    out->aad = (struct reseal_bytes){room, reseal_aad_write(room, envelope->algorithm, *topic)};
    reseal_nonce_write(out->nonce, keys, envelope->counter);
    return RESEAL_OK;
}

static enum reseal_status seal_in(uint8_t *room, struct reseal_epoch_keys *keys, const struct reseal_envelope *header,
                                  const struct reseal_bytes *topic, struct reseal_bytes plaintext,
                                  struct reseal_buffer *out) {
    struct inputs inputs;
    enum reseal_status status = inputs_write(&inputs, room, keys, header, topic);
    if (status != RESEAL_OK) {
        return status;
    }
    const size_t sealed_size = plaintext.size + RESEAL_TAG_SIZE;
    const size_t header_size = reseal_header_write(out->data, header, sealed_size);
    status = keys->aead.crypto->seal(&keys->aead, inputs.nonce, inputs.aad, plaintext, out->data + header_size);
    if (status != RESEAL_OK) {
        reseal_wipe(out->data, header_size + sealed_size);
        return status;
    }
    out->size = header_size + sealed_size;
    return RESEAL_OK;
}

static enum reseal_status open_in(uint8_t *room, struct reseal_epoch_keys *keys, const struct reseal_envelope *envelope,
                                  const struct reseal_bytes *topic, uint8_t *out) {
    struct inputs inputs;
    const enum reseal_status status = inputs_write(&inputs, room, keys, envelope, topic);
    return status == RESEAL_OK ? keys->aead.crypto->open(&keys->aead, inputs.nonce, inputs.aad, envelope->sealed, out)
                               : status;
}

#if RESEAL_TOPIC_MAX > 256
__attribute__((noinline)) static enum reseal_status seal_long(struct reseal_epoch_keys *keys,
                                                              const struct reseal_envelope *header,
                                                              const struct reseal_bytes *topic,
                                                              struct reseal_bytes plaintext,
                                                              struct reseal_buffer *out) {
    uint8_t room[RESEAL_AAD_MAX];
    return seal_in(room, keys, header, topic, plaintext, out);
}

__attribute__((noinline)) static enum reseal_status open_long(struct reseal_epoch_keys *keys,
                                                              const struct reseal_envelope *envelope,
                                                              const struct reseal_bytes *topic, uint8_t *out) {
    uint8_t room[RESEAL_AAD_MAX];
    return open_in(room, keys, envelope, topic, out);
}
#endif

enum reseal_status reseal_seal_checked(struct reseal_epoch_keys *keys, const struct reseal_envelope *header,
                                       const struct reseal_bytes *topic, struct reseal_bytes plaintext,
                                       struct reseal_buffer *out) {
#if RESEAL_TOPIC_MAX > 256
    if (topic->size > SHORT_TOPIC) {
        return seal_long(keys, header, topic, plaintext, out);
    }
#endif
    uint8_t room[SHORT_AAD];
    return seal_in(room, keys, header, topic, plaintext, out);
}

static enum reseal_status open_checked(struct reseal_epoch_keys *keys, const struct reseal_envelope *envelope,
                                       const struct reseal_bytes *topic, uint8_t *out) {
#if RESEAL_TOPIC_MAX > 256
    if (topic->size > SHORT_TOPIC) {
        return open_long(keys, envelope, topic, out);
    }
#endif
    uint8_t room[SHORT_AAD];
    return open_in(room, keys, envelope, topic, out);
}

enum reseal_status reseal_message_seal(struct reseal_epoch_keys *keys, const struct reseal_envelope *header,
                                       struct reseal_bytes topic, struct reseal_bytes plaintext,
                                       struct reseal_buffer *out) {
    out->size = 0;
    if (header->counter >= RESEAL_COUNTER_LIMIT_VALUE) {
        return RESEAL_COUNTER_LIMIT;
    }
    const enum reseal_status status =
        reseal_fit_check(header->algorithm, header->counter, topic, plaintext.size, out->capacity);
    return status == RESEAL_OK ? reseal_seal_checked(keys, header, &topic, plaintext, out) : status;
}

static enum reseal_status open_check(const struct reseal_envelope *envelope, struct reseal_bytes topic,
                                     size_t capacity) {
    if (envelope->sealed.size < RESEAL_TAG_SIZE) {
        return RESEAL_BAD_TAG;
    }
    return envelope->sealed.size - RESEAL_TAG_SIZE > capacity ? RESEAL_BUFFER_TOO_SMALL : reseal_topic_check(topic);
}

enum reseal_status reseal_message_open(struct reseal_epoch_keys *keys, const struct reseal_envelope *envelope,
                                       struct reseal_bytes topic, struct reseal_buffer *out) {
    out->size = 0;
    enum reseal_status status = open_check(envelope, topic, out->capacity);
    if (status == RESEAL_OK) {
        status = open_checked(keys, envelope, &topic, out->data);
    }
    if (status == RESEAL_OK) {
        out->size = envelope->sealed.size - RESEAL_TAG_SIZE;
    }
    return status;
}
