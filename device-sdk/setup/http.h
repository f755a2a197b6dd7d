/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/1.1 (RFC 9112), as little of it as a browser needs for one page and one request. Anything that two parsers could
 * read differently is refused: other line endings, folded lines, spaces around names, lengths given twice or in another
 * way.
 */
#ifndef RESEAL_SETUP_HTTP_H
#define RESEAL_SETUP_HTTP_H

#include <reseal/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

enum reseal_http {
    RESEAL_HTTP_OK = 0,
    RESEAL_HTTP_BAD_REQUEST,
    RESEAL_HTTP_CLOSED,
    RESEAL_HTTP_NOT_FOUND,
    RESEAL_HTTP_GET_ONLY,
    RESEAL_HTTP_POST_ONLY,
    RESEAL_HTTP_TIMEOUT,
    RESEAL_HTTP_LENGTH_REQUIRED,
    RESEAL_HTTP_TOO_LARGE,
    RESEAL_HTTP_WRONG_TYPE,
    RESEAL_HTTP_EXPECTATION,
    RESEAL_HTTP_HEAD_TOO_LARGE,
    RESEAL_HTTP_NO_RANDOM,
    RESEAL_HTTP_BUSY,
    RESEAL_HTTP_VERSION
};

struct reseal_http_request {
    bool is_post;     /* of /settings; else GET of / */
    size_t body_size; /* 0 for a GET; up to `body_max` for a POST */
};

/* Size of the head in `bytes`, its empty line included; 0 if it is not complete. */
size_t reseal_http_head_size(struct reseal_bytes bytes);

/* False as soon as `bytes` cannot begin a head: control characters, bytes above 126, CR or LF alone. */
bool reseal_http_may_be_head(struct reseal_bytes bytes);

/* Reads a whole head. Unless RESEAL_HTTP_OK, answer with the returned status; `out` is not written. */
enum reseal_http reseal_http_head_parse(struct reseal_bytes head, size_t body_max, struct reseal_http_request *out);

/* Status line, header fields and a text for people. */
void reseal_http_refusal(enum reseal_http status, struct reseal_bytes parts[3]);

#ifdef __cplusplus
}
#endif
#endif
