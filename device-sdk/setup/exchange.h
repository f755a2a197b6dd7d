/* SPDX-License-Identifier: Apache-2.0 */
/* The sealed exchange of docs/setup-mode.md: one request's body in, one answer's body out. */
#ifndef RESEAL_SETUP_EXCHANGE_H
#define RESEAL_SETUP_EXCHANGE_H

#include <reseal/setup.h>

#include "http.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESEAL_EXCHANGE_NONCE_SIZE = 16,
    RESEAL_EXCHANGE_BLOCK = 512,  /* a sealed request is a multiple of it, */
    RESEAL_EXCHANGE_CONTENT = 256 /* a sealed answer always has this size, so that sizes reveal nothing */
};

/* First byte of an answer. */
enum reseal_exchange_status {
    RESEAL_EXCHANGE_SEALED = 1,     /* a sealed answer follows */
    RESEAL_EXCHANGE_WRONG_CODE = 2, /* or a changed request: nothing was changed, and one try is gone */
    RESEAL_EXCHANGE_STALE = 3       /* not the current challenge: nothing happened, seal again with the new one */
};

/* First byte of a request's content. */
enum reseal_exchange_request { RESEAL_EXCHANGE_READ = 1, RESEAL_EXCHANGE_WRITE = 2 };

/* First byte of an answer's content. */
enum reseal_exchange_result {
    RESEAL_EXCHANGE_SHOWN = 1,     /* the settings as they are */
    RESEAL_EXCHANGE_TAKEN = 2,     /* stored; the settings as they are now */
    RESEAL_EXCHANGE_REFUSED = 3,   /* the number of a field and a text about it; nothing was changed */
    RESEAL_EXCHANGE_NOT_STORED = 4 /* the store failed; nothing was changed */
};

/* Draws the challenge of a page. False if the random source failed. */
bool reseal_exchange_begin(struct reseal_setup *setup);

/*
 * Takes the body in setup->request, setup->received bytes, and wipes it. Returns RESEAL_HTTP_OK, with the answer in
 * setup->answer, *answer_size bytes of it; or RESEAL_HTTP_BAD_REQUEST (not a request's size),
 * RESEAL_HTTP_CLOSED (that was the last try) or RESEAL_HTTP_NO_RANDOM.
 */
enum reseal_http reseal_exchange_answer(struct reseal_setup *setup, size_t *answer_size);

#ifdef __cplusplus
}
#endif
#endif
