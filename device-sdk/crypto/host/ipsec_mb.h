/* What only the tests and the benchmark of ipsec_mb.c choose. Not part of the API. */
#ifndef RESEAL_CRYPTO_IPSEC_MB_H
#define RESEAL_CRYPTO_IPSEC_MB_H

#include <reseal/crypto.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What the library may use of the processor; each includes the ones before. */
enum reseal_ipsec_mb_level { RESEAL_IPSEC_MB_SSE, RESEAL_IPSEC_MB_AVX, RESEAL_IPSEC_MB_AVX512 };

/*
 * Has reseal_crypto_host, which was called before, use this level from now on, for keys made from now on. Returns
 * false, and leaves all as it was, if the processor or the operating system lacks what the level needs. For one thread,
 * while no other seals.
 */
bool reseal_ipsec_mb_set_level(enum reseal_ipsec_mb_level level);

#ifdef __cplusplus
}
#endif
#endif
