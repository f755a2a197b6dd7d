/* SPDX-License-Identifier: Apache-2.0 */
/* Settings for the tests and the benchmark of ipsec_mb.c only. Not part of the API. */
#ifndef RESEAL_CRYPTO_IPSEC_MB_H
#define RESEAL_CRYPTO_IPSEC_MB_H

#include <reseal/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The processor features that the library may use; each level includes the ones before. */
enum reseal_ipsec_mb_level { RESEAL_IPSEC_MB_SSE, RESEAL_IPSEC_MB_AVX, RESEAL_IPSEC_MB_AVX512 };

/*
 * Makes reseal_crypto_host, which must have been called before, use this level for keys made from now on. Returns false
 * and changes nothing if the processor or the operating system lacks what the level needs. Call it from one thread,
 * while no other seals.
 */
bool reseal_ipsec_mb_set_level(enum reseal_ipsec_mb_level level);

#ifdef __cplusplus
}
#endif
#endif
