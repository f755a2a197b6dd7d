/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "http.h"

struct refusal {
    const char *status_line;
    const char *text;
};

/* They end with the connection (RFC 9112 section 6.3), so no length is needed. */
static const char header_fields[] =
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Cache-Control: no-store\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Connection: close\r\n"
    "\r\n";

static struct refusal refusal_of(enum reseal_http status) {
    switch (status) {
        case RESEAL_HTTP_CLOSED:
            return (struct refusal){"HTTP/1.1 403 Forbidden\r\n",
                                    "Five wrong pairing codes: configuration mode is closed.\n"
                                    "Switch the device off and on again to open it.\n"};
        case RESEAL_HTTP_NOT_FOUND:
            return (struct refusal){"HTTP/1.1 404 Not Found\r\n", "There is only one page here: http://192.168.4.1/\n"};
        case RESEAL_HTTP_GET_ONLY:
            return (struct refusal){"HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n",
                                    "The page can only be read.\n"};
        case RESEAL_HTTP_POST_ONLY:
            return (struct refusal){"HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\n",
                                    "Settings are changed by the page at http://192.168.4.1/\n"};
        case RESEAL_HTTP_TIMEOUT:
            return (struct refusal){"HTTP/1.1 408 Request Timeout\r\n",
                                    "The request took longer than eight seconds. Try again, nearer to the device.\n"};
        case RESEAL_HTTP_LENGTH_REQUIRED:
            return (struct refusal){"HTTP/1.1 411 Length Required\r\n", "Send a Content-Length.\n"};
        case RESEAL_HTTP_TOO_LARGE:
            return (struct refusal){"HTTP/1.1 413 Content Too Large\r\n", "The settings are too long.\n"};
        case RESEAL_HTTP_WRONG_TYPE:
            return (struct refusal){"HTTP/1.1 415 Unsupported Media Type\r\n",
                                    "The content type must be application/octet-stream.\n"};
        case RESEAL_HTTP_EXPECTATION:
            return (struct refusal){"HTTP/1.1 417 Expectation Failed\r\n", "Send the body without waiting.\n"};
        case RESEAL_HTTP_HEAD_TOO_LARGE:
            return (struct refusal){"HTTP/1.1 431 Request Header Fields Too Large\r\n",
                                    "The request's head is longer than 4096 bytes.\n"};
        case RESEAL_HTTP_NO_RANDOM:
            return (struct refusal){"HTTP/1.1 500 Internal Server Error\r\n",
                                    "The device cannot generate random numbers or seal. Switch it off and on again.\n"};
        case RESEAL_HTTP_BUSY:
            return (struct refusal){"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n",
                                    "The device is talking to another client, and serves one at a time.\n"
                                    "Wait a few seconds, then load the page again.\n"};
        case RESEAL_HTTP_VERSION:
            return (struct refusal){"HTTP/1.1 505 HTTP Version Not Supported\r\n", "Use HTTP/1.1.\n"};
        default:
            return (struct refusal){"HTTP/1.1 400 Bad Request\r\n", "The device does not understand this request.\n"};
    }
}

static struct reseal_bytes text_of(const char *text) {
    return (struct reseal_bytes){(const uint8_t *)text, strlen(text)};
}

void reseal_http_refusal(enum reseal_http status, struct reseal_bytes parts[3]) {
    const struct refusal refusal = refusal_of(status);
    parts[0] = text_of(refusal.status_line);
    parts[1] = text_of(header_fields);
    parts[2] = text_of(refusal.text);
}
