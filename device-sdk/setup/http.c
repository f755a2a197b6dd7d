/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <string.h>

struct field {
    struct reseal_bytes name;
    struct reseal_bytes value;
};

/* What has been seen of the fields that matter. */
struct seen {
    bool host;
    bool length;
    bool type;
    bool transfer_encoding;
    bool expect;
    size_t length_value;
};

static char lower(uint8_t c) {
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool is_text(struct reseal_bytes bytes, const char *text) {
    return bytes.size == strlen(text) && memcmp(bytes.data, text, bytes.size) == 0;
}

/* `text` is in lower case. */
static bool is_text_in_any_case(struct reseal_bytes bytes, const char *text) {
    if (bytes.size != strlen(text)) {
        return false;
    }
    for (size_t i = 0; i < bytes.size; i++) {
        if (lower(bytes.data[i]) != text[i]) {
            return false;
        }
    }
    return true;
}

static bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

/* tchar of RFC 9110 section 5.6.2. */
static bool is_token_character(uint8_t c) {
    const bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return is_letter || is_digit(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(struct reseal_bytes bytes) {
    for (size_t i = 0; i < bytes.size; i++) {
        if (!is_token_character(bytes.data[i])) {
            return false;
        }
    }
    return bytes.size > 0;
}

size_t reseal_http_head_size(struct reseal_bytes bytes) {
    for (size_t end = 4; end <= bytes.size; end++) {
        if (memcmp(bytes.data + end - 4, "\r\n\r\n", 4) == 0) {
            return end;
        }
    }
    return 0;
}

bool reseal_http_may_be_head(struct reseal_bytes bytes) {
    for (size_t i = 0; i < bytes.size; i++) {
        const uint8_t c = bytes.data[i];
        const bool after_cr = i > 0 && bytes.data[i - 1] == '\r';
        if (after_cr != (c == '\n') || c > 0x7E || (c < 0x20 && c != '\t' && c != '\r' && c != '\n')) {
            return false;
        }
    }
    return true;
}

/* Takes a line off `rest`, without its CR and LF. They exist: reseal_http_head_size has seen the last ones. */
static struct reseal_bytes take_line(struct reseal_bytes *rest) {
    size_t size = 0;
    while (rest->data[size] != '\r') {
        size++;
    }
    const struct reseal_bytes line = {rest->data, size};
    rest->data += size + 2;
    rest->size -= size + 2;
    return line;
}

/* Takes everything up to and including the next `separator` off `rest`. False if there is none. */
static bool take_until(struct reseal_bytes *rest, char separator, struct reseal_bytes *out) {
    const uint8_t *at = rest->size == 0 ? NULL : memchr(rest->data, separator, rest->size);
    if (at == NULL) {
        return false;
    }
    *out = (struct reseal_bytes){rest->data, (size_t)(at - rest->data)};
    rest->data += out->size + 1;
    rest->size -= out->size + 1;
    return true;
}

static enum reseal_http check_version(struct reseal_bytes version) {
    if (is_text(version, "HTTP/1.1")) {
        return RESEAL_HTTP_OK;
    }
    const bool is_version = version.size == 8 && memcmp(version.data, "HTTP/", 5) == 0 && is_digit(version.data[5]) &&
                            version.data[6] == '.' && is_digit(version.data[7]);
    return is_version ? RESEAL_HTTP_VERSION : RESEAL_HTTP_BAD_REQUEST;
}

static enum reseal_http parse_request_line(struct reseal_bytes line, bool *is_post) {
    struct reseal_bytes method;
    struct reseal_bytes target;
    if (!take_until(&line, ' ', &method) || !take_until(&line, ' ', &target) || !is_token(method) || target.size == 0) {
        return RESEAL_HTTP_BAD_REQUEST;
    }
    const enum reseal_http version = check_version(line);
    if (version != RESEAL_HTTP_OK) {
        return version;
    }
    if (is_text(target, "/")) {
        return is_text(method, "GET") ? RESEAL_HTTP_OK : RESEAL_HTTP_GET_ONLY;
    }
    if (is_text(target, "/settings")) {
        *is_post = is_text(method, "POST");
        return *is_post ? RESEAL_HTTP_OK : RESEAL_HTTP_POST_ONLY;
    }
    return RESEAL_HTTP_NOT_FOUND;
}

static bool is_blank(uint8_t c) {
    return c == ' ' || c == '\t';
}

static struct reseal_bytes without_blanks(struct reseal_bytes value) {
    while (value.size > 0 && is_blank(value.data[0])) {
        value.data++;
        value.size--;
    }
    while (value.size > 0 && is_blank(value.data[value.size - 1])) {
        value.size--;
    }
    return value;
}

/* A name is not a token if it begins with a blank (a folded line) or has one before the colon. */
static bool parse_field(struct reseal_bytes line, struct field *out) {
    if (!take_until(&line, ':', &out->name) || !is_token(out->name)) {
        return false;
    }
    out->value = without_blanks(line);
    return true;
}

/* Digits only, at most six of them. */
static bool parse_length(struct reseal_bytes value, size_t *out) {
    size_t length = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (!is_digit(value.data[i])) {
            return false;
        }
        length = length * 10 + (size_t)(value.data[i] - '0');
    }
    *out = length;
    return value.size > 0 && value.size <= 6;
}

/* False if the field occurs twice or its value is invalid. */
static bool note_field(const struct field *field, struct seen *seen) {
    bool *flag = NULL;
    bool is_right = true;
    if (is_text_in_any_case(field->name, "host")) {
        flag = &seen->host;
        is_right = field->value.size > 0;
    } else if (is_text_in_any_case(field->name, "content-length")) {
        flag = &seen->length;
        is_right = parse_length(field->value, &seen->length_value);
    } else if (is_text_in_any_case(field->name, "content-type")) {
        flag = &seen->type;
        is_right = is_text_in_any_case(field->value, "application/octet-stream");
    } else if (is_text_in_any_case(field->name, "transfer-encoding")) {
        flag = &seen->transfer_encoding;
    } else if (is_text_in_any_case(field->name, "expect")) {
        flag = &seen->expect;
    } else {
        return true;
    }
    const bool is_first = !*flag;
    *flag = true;
    return is_first && is_right;
}

static enum reseal_http parse_fields(struct reseal_bytes rest, struct seen *seen) {
    for (;;) {
        const struct reseal_bytes line = take_line(&rest);
        if (line.size == 0) {
            return seen->host ? RESEAL_HTTP_OK : RESEAL_HTTP_BAD_REQUEST;
        }
        struct field field;
        if (!parse_field(line, &field)) {
            return RESEAL_HTTP_BAD_REQUEST;
        }
        if (!note_field(&field, seen)) {
            const bool is_type = is_text_in_any_case(field.name, "content-type");
            return is_type ? RESEAL_HTTP_WRONG_TYPE : RESEAL_HTTP_BAD_REQUEST;
        }
    }
}

static enum reseal_http check_body(bool is_post, const struct seen *seen, size_t body_max) {
    if (seen->transfer_encoding) {
        return seen->length ? RESEAL_HTTP_BAD_REQUEST : RESEAL_HTTP_LENGTH_REQUIRED;
    }
    if (seen->expect) {
        return RESEAL_HTTP_EXPECTATION;
    }
    if (!is_post) {
        return seen->length_value == 0 ? RESEAL_HTTP_OK : RESEAL_HTTP_BAD_REQUEST;
    }
    if (!seen->length) {
        return RESEAL_HTTP_LENGTH_REQUIRED;
    }
    if (!seen->type) {
        return RESEAL_HTTP_WRONG_TYPE;
    }
    return seen->length_value > body_max ? RESEAL_HTTP_TOO_LARGE : RESEAL_HTTP_OK;
}

enum reseal_http reseal_http_head_parse(struct reseal_bytes head, size_t body_max, struct reseal_http_request *out) {
    if (!reseal_http_may_be_head(head)) {
        return RESEAL_HTTP_BAD_REQUEST;
    }
    bool is_post = false;
    struct seen seen = {.host = false};
    enum reseal_http status = parse_request_line(take_line(&head), &is_post);
    if (status == RESEAL_HTTP_OK) {
        status = parse_fields(head, &seen);
    }
    if (status == RESEAL_HTTP_OK) {
        status = check_body(is_post, &seen, body_max);
    }
    if (status == RESEAL_HTTP_OK) {
        out->is_post = is_post;
        out->body_size = seen.length_value;
    }
    return status;
}
