/*
 * HTTP/1.1 (RFC 9112), as little of it as a browser needs for one page and one request. Whatever two readers could read
 * differently is refused: other line ends, folded lines, spaces around names, lengths given twice or otherwise.
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
    size_t body_size; /* 0 of a GET; of a POST up to `body_max` */
};

/* Size of the head in `bytes`, its empty line included; 0: not all of it is there. */
size_t reseal_http_head_size(struct reseal_bytes bytes);

/* False as soon as no head can begin like this: control characters, bytes above 126, CR or LF alone. */
bool reseal_http_may_be_head(struct reseal_bytes bytes);

/* Reads a whole head. Unless RESEAL_HTTP_OK, it is to be answered with what is returned, and `out` is not written. */
enum reseal_http reseal_http_head_parse(struct reseal_bytes head, size_t body_max, struct reseal_http_request *out);

/* Status line, header fields and a text for people. */
void reseal_http_refusal(enum reseal_http status, struct reseal_bytes parts[3]);

#ifdef __cplusplus
}
#endif
#endif
