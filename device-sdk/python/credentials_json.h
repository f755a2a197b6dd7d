/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON that `provision export ID --format json` writes, "reseal-credentials/2". Nothing is copied to the heap. */
#ifndef RESEAL_CREDENTIALS_JSON_H
#define RESEAL_CREDENTIALS_JSON_H

#include <reseal/key.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { RESEAL_CREDENTIALS_JSON_MAX = 512 }; /* bytes that reseal_credentials_json_write writes at most, with its NUL */

/*
 * Reads one object with exactly the six members, in any order, and white space between them. Returns null, or a
 * sentence that says what is wrong, never quoting the text; then `out` is zeroed.
 */
const char *reseal_credentials_json_read(struct reseal_bytes text, struct reseal_credentials *out);

/*
 * Writes one line that ends with a line feed and a NUL. `credentials` were already checked. Returns its length without
 * the NUL. `out` then holds a secret: wipe it with reseal_wipe.
 */
size_t reseal_credentials_json_write(const struct reseal_credentials *credentials,
                                     char out[RESEAL_CREDENTIALS_JSON_MAX]);

#ifdef __cplusplus
}
#endif
#endif
