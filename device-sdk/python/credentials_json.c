/* SPDX-License-Identifier: Apache-2.0 */
#include "credentials_json.h"

#include <string.h>

static const char format_name[] = "reseal-credentials/2";

enum { FORMAT, PRINCIPAL, REALM, ALGORITHM, KEY_ID, MASTER_SECRET, MEMBERS };

/* In the order of `provision export`. */
static const char *const keys[MEMBERS] = {"format", "principal", "realm", "algorithm", "key_id", "master_secret"};

static const char *const problems[MEMBERS] = {
    "format must be \"reseal-credentials/2\"",    "principal must be 1 to 64 of A-Z a-z 0-9 . _ -",
    "realm must be 1 to 64 of A-Z a-z 0-9 . _ -", "algorithm must be 1, 3, 24, 30 or 31, without quotes",
    "key_id must be 14 digits of 0-9 and a-f",    "master_secret must be 64 digits of 0-9 and a-f",
};

/* What is still to be read. */
struct text {
    const char *at;
    const char *end;
};

/* One value, in place; of a string, what is between the quotes. */
struct value {
    const char *data;
    size_t size;
    bool is_string;
};

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Whether nothing but white space is left. */
static bool at_end(struct text *text) {
    while (text->at < text->end && is_space(*text->at)) {
        text->at++;
    }
    return text->at == text->end;
}

static bool take(struct text *text, char wanted) {
    if (at_end(text) || *text->at != wanted) {
        return false;
    }
    text->at++;
    return true;
}

/* Without escapes, which no member needs. */
static bool take_string(struct text *text, struct value *out) {
    if (!take(text, '"')) {
        return false;
    }
    out->data = text->at;
    out->is_string = true;
    while (text->at < text->end && *text->at != '"' && *text->at != '\\' && (unsigned char)*text->at >= ' ') {
        text->at++;
    }
    out->size = (size_t)(text->at - out->data);
    return take(text, '"');
}

static bool take_number(struct text *text, struct value *out) {
    out->data = text->at;
    out->is_string = false;
    while (text->at < text->end && *text->at >= '0' && *text->at <= '9') {
        text->at++;
    }
    out->size = (size_t)(text->at - out->data);
    return out->size > 0;
}

static bool take_value(struct text *text, struct value *out) {
    return take(text, ':') && (take_string(text, out) || take_number(text, out));
}

static bool is_text(const struct value *value, const char *wanted) {
    return value->is_string && value->size == strlen(wanted) && memcmp(value->data, wanted, value->size) == 0;
}

/* MEMBERS if it is none of them. */
static int member_of(const struct value *key) {
    int member = 0;
    while (member < MEMBERS && !is_text(key, keys[member])) {
        member++;
    }
    return member;
}

/* Reads {"key": value, ...} into `out`, which comes zeroed. Each member must be there once. */
static const char *read_members(struct text *text, struct value out[MEMBERS]) {
    if (!take(text, '{')) {
        return "the file must begin with '{'";
    }
    for (int count = 0; count < MEMBERS; count++) {
        struct value key;
        if (count > 0 && !take(text, ',')) {
            return "a member is missing, or no ',' follows a value";
        }
        if (!take_string(text, &key)) {
            return "a key in double quotes must follow '{' and ','";
        }
        const int member = member_of(&key);
        if (member == MEMBERS || out[member].data != NULL) {
            return "a key is unknown, or is there twice";
        }
        if (!take_value(text, &out[member])) {
            return "a value must follow ':', a string without '\\' or a whole number";
        }
    }
    return take(text, '}') && at_end(text) ? NULL : "only '}' may follow the six members";
}

static bool read_name(const struct value *value, char out[RESEAL_PRINCIPAL_MAX + 1]) {
    if (!value->is_string || value->size > RESEAL_PRINCIPAL_MAX) {
        return false;
    }
    memcpy(out, value->data, value->size);
    return strlen(out) == value->size;
}

static bool read_algorithm(const struct value *value, uint8_t *out) {
    int number = 0;
    for (size_t i = 0; !value->is_string && i < value->size && number < UINT8_MAX; i++) {
        number = number * 10 + (value->data[i] - '0');
    }
    *out = (uint8_t)number;
    return number <= UINT8_MAX && reseal_algorithm_sizes(number).key != 0;
}

/* -1 if it is not a digit of lower-case hexadecimal. */
static int digit_of(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const struct value *value, uint8_t *out, size_t size) {
    if (!value->is_string || value->size != 2 * size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        const int high = digit_of(value->data[2 * i]);
        const int low = digit_of(value->data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* The member that is wrong, or MEMBERS. */
static int read_values(const struct value values[MEMBERS], struct reseal_credentials *out) {
    const bool right[MEMBERS] = {
        [FORMAT] = is_text(&values[FORMAT], format_name),
        [PRINCIPAL] = read_name(&values[PRINCIPAL], out->principal),
        [REALM] = read_name(&values[REALM], out->realm),
        [ALGORITHM] = read_algorithm(&values[ALGORITHM], &out->algorithm),
        [KEY_ID] = read_hex(&values[KEY_ID], out->key_id, sizeof out->key_id),
        [MASTER_SECRET] = read_hex(&values[MASTER_SECRET], out->master, sizeof out->master),
    };
    int member = 0;
    while (member < MEMBERS && right[member]) {
        member++;
    }
    return member;
}

const char *reseal_credentials_json_read(struct reseal_bytes text, struct reseal_credentials *out) {
    struct text rest = {(const char *)text.data, (const char *)text.data + text.size};
    struct value values[MEMBERS] = {{NULL, 0, false}};
    memset(out, 0, sizeof *out);
    const char *problem = read_members(&rest, values);
    if (problem == NULL) {
        const int wrong = read_values(values, out);
        problem = wrong < MEMBERS ? problems[wrong] : NULL;
    }
    if (problem == NULL && reseal_credentials_check(out) != RESEAL_OK) {
        problem = "principal and realm must be 1 to 64 of A-Z a-z 0-9 . _ -";
    }
    if (problem != NULL) {
        reseal_wipe(out, sizeof *out);
    }
    return problem;
}

static char *put(char *at, const char *text) {
    while (*text != '\0') {
        *at++ = *text++;
    }
    return at;
}

static char *put_key(char *at, int member) {
    at = put(at, member == 0 ? "{\"" : ",\"");
    return put(put(at, keys[member]), "\":");
}

static char *put_string(char *at, int member, const char *text) {
    return put(put(put(put_key(at, member), "\""), text), "\"");
}

static char *put_hex(char *at, int member, const uint8_t *data, size_t size) {
    static const char digits[] = "0123456789abcdef";
    at = put(put_key(at, member), "\"");
    for (size_t i = 0; i < size; i++) {
        *at++ = digits[data[i] >> 4];
        *at++ = digits[data[i] & 15U];
    }
    return put(at, "\"");
}

static char *put_algorithm(char *at, uint8_t number) {
    at = put_key(at, ALGORITHM);
    if (number >= 10) {
        *at++ = (char)('0' + number / 10);
    }
    *at++ = (char)('0' + number % 10);
    return at;
}

size_t reseal_credentials_json_write(const struct reseal_credentials *credentials,
                                     char out[RESEAL_CREDENTIALS_JSON_MAX]) {
    char *at = put_string(out, FORMAT, format_name);
    at = put_string(at, PRINCIPAL, credentials->principal);
    at = put_string(at, REALM, credentials->realm);
    at = put_algorithm(at, credentials->algorithm);
    at = put_hex(at, KEY_ID, credentials->key_id, sizeof credentials->key_id);
    at = put_hex(at, MASTER_SECRET, credentials->master, sizeof credentials->master);
    at = put(at, "}\n");
    *at = '\0';
    return (size_t)(at - out);
}
