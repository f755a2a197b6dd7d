/* SPDX-License-Identifier: Apache-2.0 */
/* Is it UTF-8 (RFC 3629)? */
#ifndef RESEAL_SETUP_UTF8_H
#define RESEAL_SETUP_UTF8_H

#include <reseal/bytes.h>

#ifdef __cplusplus
extern "C" {
#endif

/* No overlong forms, no surrogates, nothing above U+10FFFF. Empty text is UTF-8. */
bool reseal_utf8_check(struct reseal_bytes text);

#ifdef __cplusplus
}
#endif
#endif
