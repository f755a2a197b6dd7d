/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange.h"

#include <string.h>

#include "form.h"

enum {
    CHALLENGE = RESEAL_SETUP_CHALLENGE_SIZE,
    REQUEST_HEAD = CHALLENGE + RESEAL_EXCHANGE_NONCE_SIZE,
    ANSWER_HEAD = 2 + CHALLENGE,
    CONTENT_HEAD = 3, /* the kind and the size of what follows; zeros fill the rest */
    KEY_SIZE = 32,
    SIZE_MIN = REQUEST_HEAD + RESEAL_EXCHANGE_BLOCK + RESEAL_TAG_SIZE
};

static const char request_label[] = "reseal-setup-1 request";
static const char answer_label[] = "reseal-setup-1 answer";

/* Each key seals one message, so its nonce may be zero. */
static const uint8_t nonce[12];

/* What the answer needs of a request. */
struct exchange {
    uint8_t salt[REQUEST_HEAD]; /* challenge and the page's nonce */
    struct reseal_aead aead;
};

static enum reseal_status derive(const struct reseal_setup *setup, struct exchange *exchange, const char *label,
                                 enum reseal_use use) {
    uint8_t key[KEY_SIZE];
    const struct reseal_crypto *crypto = setup->port.crypto;
    enum reseal_status status =
        crypto->hkdf_sha256((struct reseal_bytes){exchange->salt, sizeof exchange->salt},
                            (struct reseal_bytes){setup->pairing.secret, RESEAL_PAIRING_SIZE},
                            (struct reseal_bytes){(const uint8_t *)label, strlen(label)}, key, sizeof key);
    if (status == RESEAL_OK) {
        status = crypto->init(&exchange->aead, RESEAL_CHACHA20_POLY1305, use, key);
    }
    reseal_wipe(key, sizeof key);
    return status;
}

static bool draw(struct reseal_setup *setup) {
    return setup->port.random.fill(setup->port.random.context, setup->challenge, CHALLENGE);
}

bool reseal_exchange_begin(struct reseal_setup *setup) {
    return draw(setup);
}

static void put_answer_head(struct reseal_setup *setup, enum reseal_exchange_status status) {
    setup->answer[0] = (uint8_t)status;
    setup->answer[1] = setup->tries;
    memcpy(setup->answer + 2, setup->challenge, CHALLENGE);
}

/* Opens the request's content into setup->opened. */
static enum reseal_status open_request(struct reseal_setup *setup, struct exchange *exchange) {
    enum reseal_status status = derive(setup, exchange, request_label, RESEAL_USE_OPEN);
    if (status == RESEAL_OK) {
        status = setup->port.crypto->open(
            &exchange->aead, nonce, (struct reseal_bytes){setup->request, REQUEST_HEAD},
            (struct reseal_bytes){setup->request + REQUEST_HEAD, setup->received - REQUEST_HEAD}, setup->opened);
    }
    setup->port.crypto->wipe(&exchange->aead);
    return status;
}

static enum reseal_status seal_answer(struct reseal_setup *setup, struct exchange *exchange,
                                      const uint8_t content[RESEAL_EXCHANGE_CONTENT]) {
    enum reseal_status status = derive(setup, exchange, answer_label, RESEAL_USE_SEAL);
    if (status == RESEAL_OK) {
        status = setup->port.crypto->seal(&exchange->aead, nonce, (struct reseal_bytes){setup->answer, ANSWER_HEAD},
                                          (struct reseal_bytes){content, RESEAL_EXCHANGE_CONTENT},
                                          setup->answer + ANSWER_HEAD);
    }
    setup->port.crypto->wipe(&exchange->aead);
    return status;
}

static void put_shown(struct reseal_setup *setup, enum reseal_exchange_result result, uint8_t *content) {
    const size_t size = reseal_form_show(&setup->settings, content + CONTENT_HEAD);
    content[0] = (uint8_t)result;
    content[2] = (uint8_t)size;
}

static void put_refused(enum reseal_settings_field field, uint8_t *content) {
    uint8_t *at = content + CONTENT_HEAD;
    *at++ = (uint8_t)field;
    for (const char *text = reseal_settings_field_text(field); *text != '\0'; text++) {
        *at++ = (uint8_t)*text;
    }
    content[0] = RESEAL_EXCHANGE_REFUSED;
    content[2] = (uint8_t)(at - content - CONTENT_HEAD);
}

/* The device adopts settings only once they are stored. */
static bool store(struct reseal_setup *setup) {
    struct reseal_buffer form = {setup->request, sizeof setup->request, 0};
    if (reseal_settings_encode(&setup->changed, &form) != RESEAL_OK ||
        !setup->port.store(setup->port.context, (struct reseal_bytes){form.data, form.size})) {
        return false;
    }
    setup->settings = setup->changed;
    setup->state = RESEAL_SETUP_TAKEN;
    return true;
}

static void change(struct reseal_setup *setup, struct reseal_bytes form, uint8_t *content) {
    setup->changed = setup->settings;
    const enum reseal_settings_field wrong = reseal_settings_change(&setup->changed, form);
    if (wrong != RESEAL_SETTINGS_NONE) {
        put_refused(wrong, content);
    } else if (store(setup)) {
        put_shown(setup, RESEAL_EXCHANGE_TAKEN, content);
    } else {
        content[0] = RESEAL_EXCHANGE_NOT_STORED;
    }
    reseal_wipe(&setup->changed, sizeof setup->changed);
}

/* Carries out the request's content, `size` bytes in setup->opened. */
static void carry_out(struct reseal_setup *setup, size_t size, uint8_t *content) {
    const struct reseal_bytes form = {setup->opened + CONTENT_HEAD, (size_t)setup->opened[1] << 8 | setup->opened[2]};
    const bool fits = form.size <= size - CONTENT_HEAD;
    if (fits && setup->opened[0] == RESEAL_EXCHANGE_READ && form.size == 0) {
        put_shown(setup, RESEAL_EXCHANGE_SHOWN, content);
    } else if (fits && setup->opened[0] == RESEAL_EXCHANGE_WRITE) {
        change(setup, form, content);
    } else {
        put_refused(RESEAL_SETTINGS_FORM, content);
    }
}

/* The code was right: from here on the answer is sealed. */
static enum reseal_http answer_sealed(struct reseal_setup *setup, struct exchange *exchange, size_t *answer_size) {
    uint8_t content[RESEAL_EXCHANGE_CONTENT] = {0};
    carry_out(setup, setup->received - REQUEST_HEAD - RESEAL_TAG_SIZE, content);
    put_answer_head(setup, RESEAL_EXCHANGE_SEALED);
    const enum reseal_status status = seal_answer(setup, exchange, content);
    reseal_wipe(content, sizeof content);
    *answer_size = RESEAL_SETUP_ANSWER_SIZE;
    return status == RESEAL_OK ? RESEAL_HTTP_OK : RESEAL_HTTP_NO_RANDOM;
}

static enum reseal_http answer_wrong_code(struct reseal_setup *setup, size_t *answer_size) {
    setup->tries--;
    if (setup->tries == 0) {
        setup->state = RESEAL_SETUP_CLOSED;
        return RESEAL_HTTP_CLOSED;
    }
    put_answer_head(setup, RESEAL_EXCHANGE_WRONG_CODE);
    *answer_size = ANSWER_HEAD;
    return RESEAL_HTTP_OK;
}

/* Each challenge is used once: the next one is drawn before this one is used. */
static enum reseal_http answer_request(struct reseal_setup *setup, struct exchange *exchange, size_t *answer_size) {
    if (!draw(setup)) {
        return RESEAL_HTTP_NO_RANDOM;
    }
    const enum reseal_status status = open_request(setup, exchange);
    if (status == RESEAL_OK) {
        return answer_sealed(setup, exchange, answer_size);
    }
    return status == RESEAL_BAD_TAG ? answer_wrong_code(setup, answer_size) : RESEAL_HTTP_NO_RANDOM;
}

static bool is_request_size(size_t size) {
    return size >= SIZE_MIN && (size - SIZE_MIN) % RESEAL_EXCHANGE_BLOCK == 0;
}

enum reseal_http reseal_exchange_answer(struct reseal_setup *setup, size_t *answer_size) {
    enum reseal_http status = RESEAL_HTTP_OK;
    if (!is_request_size(setup->received)) {
        status = RESEAL_HTTP_BAD_REQUEST;
    } else if (memcmp(setup->request, setup->challenge, CHALLENGE) != 0) {
        put_answer_head(setup, RESEAL_EXCHANGE_STALE);
        *answer_size = ANSWER_HEAD;
    } else {
        struct exchange exchange = {.salt = {0}};
        memcpy(exchange.salt, setup->request, REQUEST_HEAD);
        status = answer_request(setup, &exchange, answer_size);
        reseal_wipe(&exchange, sizeof exchange);
    }
    reseal_wipe(setup->request, sizeof setup->request);
    reseal_wipe(setup->opened, sizeof setup->opened);
    return status;
}
