/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/setup.h>
#include <string.h>

#include "exchange.h"
#include "http.h"
#include "page_tail.h"

enum phase { READ_HEAD = 0, READ_BODY, ANSWERED };

/* How far reading has come. */
struct progress {
    enum reseal_http status;
    bool complete;
};

enum reseal_status reseal_setup_open(struct reseal_setup *setup, const struct reseal_pairing *pairing,
                                     const struct reseal_settings *settings, const struct reseal_setup_port *port) {
    if (setup == NULL || pairing == NULL || settings == NULL || port == NULL || port->crypto == NULL ||
        port->random.fill == NULL || port->page == NULL || port->store == NULL) {
        return RESEAL_BAD_ARGUMENT;
    }
    reseal_wipe(setup, sizeof *setup);
    setup->port = *port;
    setup->pairing = *pairing;
    setup->settings = *settings;
    setup->tries = RESEAL_SETUP_TRIES;
    setup->state = RESEAL_SETUP_SERVING;
    if (!reseal_exchange_begin(setup)) {
        reseal_setup_close(setup);
        return RESEAL_NO_RANDOM;
    }
    return RESEAL_OK;
}

static enum reseal_setup_verdict answer_with(struct reseal_setup *setup) {
    setup->phase = ANSWERED;
    return RESEAL_SETUP_ANSWER;
}

static enum reseal_setup_verdict refuse(struct reseal_setup *setup, enum reseal_http status,
                                        struct reseal_setup_answer *answer) {
    reseal_http_refusal(status, answer->parts);
    return answer_with(setup);
}

static enum reseal_setup_verdict serve_page(struct reseal_setup *setup, struct reseal_setup_answer *answer) {
    if (!reseal_exchange_begin(setup)) {
        return refuse(setup, RESEAL_HTTP_NO_RANDOM, answer);
    }
    const struct reseal_setup_page *page = setup->port.page;
    const size_t size = reseal_page_tail(page, setup->challenge, setup->tries, setup->answer);
    answer->parts[0] = page->head;
    answer->parts[1] = page->gzip;
    answer->parts[2] = (struct reseal_bytes){setup->answer, size};
    return answer_with(setup);
}

static enum reseal_setup_verdict serve_exchange(struct reseal_setup *setup, struct reseal_setup_answer *answer) {
    static const char head[] =
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: application/octet-stream\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n"
        "\r\n";
    size_t size = 0;
    const enum reseal_http status = reseal_exchange_answer(setup, &size);
    if (status != RESEAL_HTTP_OK) {
        return refuse(setup, status, answer);
    }
    answer->parts[0] = (struct reseal_bytes){(const uint8_t *)head, sizeof head - 1};
    answer->parts[1] = (struct reseal_bytes){setup->answer, size};
    answer->parts[2] = (struct reseal_bytes){NULL, 0};
    return answer_with(setup);
}

/* Moves `size` bytes from the front of `bytes` to the request. */
static void take(struct reseal_setup *setup, struct reseal_bytes *bytes, size_t size) {
    memcpy(setup->request + setup->received, bytes->data, size);
    setup->received += size;
    bytes->data += size;
    bytes->size -= size;
}

/* Bytes after the head begin the body. */
static enum reseal_http begin_body(struct reseal_setup *setup, size_t head_size) {
    struct reseal_http_request request;
    const enum reseal_http status =
        reseal_http_head_parse((struct reseal_bytes){setup->request, head_size}, RESEAL_SETUP_REQUEST_MAX, &request);
    if (status == RESEAL_HTTP_OK) {
        setup->phase = READ_BODY;
        setup->is_post = request.is_post;
        setup->body_size = request.body_size;
        setup->received -= head_size;
        memmove(setup->request, setup->request + head_size, setup->received);
    }
    return status;
}

static enum reseal_http read_head(struct reseal_setup *setup, struct reseal_bytes *bytes) {
    const size_t room = RESEAL_SETUP_HEAD_MAX - setup->received;
    take(setup, bytes, bytes->size < room ? bytes->size : room);
    const struct reseal_bytes received = {setup->request, setup->received};
    const size_t head_size = reseal_http_head_size(received);
    if (head_size > 0) {
        return begin_body(setup, head_size);
    }
    if (!reseal_http_may_be_head(received)) {
        return RESEAL_HTTP_BAD_REQUEST;
    }
    return setup->received == RESEAL_SETUP_HEAD_MAX ? RESEAL_HTTP_HEAD_TOO_LARGE : RESEAL_HTTP_OK;
}

/* Bytes after the body would be a second request, or a smuggled one. */
static struct progress read_body(struct reseal_setup *setup, struct reseal_bytes *bytes) {
    if (setup->received > setup->body_size || bytes->size > setup->body_size - setup->received) {
        return (struct progress){RESEAL_HTTP_BAD_REQUEST, false};
    }
    take(setup, bytes, bytes->size);
    return (struct progress){RESEAL_HTTP_OK, setup->received == setup->body_size};
}

static struct progress read_bytes(struct reseal_setup *setup, struct reseal_bytes bytes) {
    if (setup->state == RESEAL_SETUP_CLOSED) {
        return (struct progress){RESEAL_HTTP_CLOSED, false};
    }
    if (setup->phase == READ_HEAD) {
        const enum reseal_http status = read_head(setup, &bytes);
        if (status != RESEAL_HTTP_OK || setup->phase == READ_HEAD) {
            return (struct progress){status, false};
        }
    }
    return read_body(setup, &bytes);
}

enum reseal_setup_verdict reseal_setup_feed(struct reseal_setup *setup, const void *client, struct reseal_bytes bytes,
                                            struct reseal_setup_answer *answer) {
    if (bytes.size == 0) {
        return RESEAL_SETUP_WAIT;
    }
    if (setup->client == NULL) {
        setup->client = client;
    }
    if (setup->client != client) {
        reseal_http_refusal(RESEAL_HTTP_BUSY, answer->parts);
        return RESEAL_SETUP_ANSWER;
    }
    if (setup->phase == ANSWERED) {
        return RESEAL_SETUP_WAIT;
    }
    const struct progress progress = read_bytes(setup, bytes);
    if (progress.status != RESEAL_HTTP_OK) {
        return refuse(setup, progress.status, answer);
    }
    if (!progress.complete) {
        return RESEAL_SETUP_WAIT;
    }
    return setup->is_post ? serve_exchange(setup, answer) : serve_page(setup, answer);
}

enum reseal_setup_verdict reseal_setup_elapsed(struct reseal_setup *setup, uint32_t milliseconds,
                                               struct reseal_setup_answer *answer) {
    if (setup->client == NULL) {
        return RESEAL_SETUP_WAIT;
    }
    const uint32_t left = RESEAL_SETUP_CLIENT_MS - setup->elapsed;
    setup->elapsed += milliseconds < left ? milliseconds : left;
    if (setup->elapsed == RESEAL_SETUP_CLIENT_MS) {
        return RESEAL_SETUP_DROP;
    }
    if (setup->phase == ANSWERED || setup->elapsed < RESEAL_SETUP_READ_MS) {
        return RESEAL_SETUP_WAIT;
    }
    return refuse(setup, RESEAL_HTTP_TIMEOUT, answer);
}

void reseal_setup_end(struct reseal_setup *setup, const void *client) {
    if (client == NULL || setup->client != client) {
        return;
    }
    reseal_wipe(setup->request, sizeof setup->request);
    reseal_wipe(setup->answer, sizeof setup->answer);
    setup->client = NULL;
    setup->phase = READ_HEAD;
    setup->elapsed = 0;
    setup->received = 0;
    setup->body_size = 0;
}

const void *reseal_setup_client(const struct reseal_setup *setup) {
    return setup->client;
}

enum reseal_setup_state reseal_setup_state_of(const struct reseal_setup *setup) {
    return (enum reseal_setup_state)setup->state;
}

void reseal_setup_close(struct reseal_setup *setup) {
    if (setup != NULL) {
        reseal_wipe(setup, sizeof *setup);
    }
}
