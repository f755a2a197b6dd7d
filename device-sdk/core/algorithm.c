/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/crypto.h>

enum { AES_CCM_NONCE = 13, OTHER_NONCE = 12 };

struct reseal_sizes reseal_algorithm_sizes(int algorithm) {
    switch (algorithm) {
        case RESEAL_AES_CCM_16_128_128:
            return (struct reseal_sizes){16, AES_CCM_NONCE};
        case RESEAL_AES_CCM_16_128_256:
            return (struct reseal_sizes){32, AES_CCM_NONCE};
        case RESEAL_A128GCM:
            return (struct reseal_sizes){16, OTHER_NONCE};
        case RESEAL_A256GCM:
        case RESEAL_CHACHA20_POLY1305:
            return (struct reseal_sizes){32, OTHER_NONCE};
        default:
            return (struct reseal_sizes){0, 0};
    }
}

/*
 * CCM's length field takes the bytes that the nonce leaves of 15 (RFC 3610 section 2). The protocol gives the others 3
 * as well.
 */
size_t reseal_plaintext_max(int algorithm) {
    const unsigned nonce = reseal_algorithm_sizes(algorithm).nonce;
    return nonce == 0 ? 0 : ((size_t)1 << (8 * (15 - nonce))) - 1;
}

const char *reseal_algorithm_name(int algorithm) {
    switch (algorithm) {
        case RESEAL_AES_CCM_16_128_128:
            return "AES-CCM-16-128-128";
        case RESEAL_AES_CCM_16_128_256:
            return "AES-CCM-16-128-256";
        case RESEAL_A128GCM:
            return "A128GCM";
        case RESEAL_A256GCM:
            return "A256GCM";
        case RESEAL_CHACHA20_POLY1305:
            return "ChaCha20/Poly1305";
        default:
            return NULL;
    }
}
