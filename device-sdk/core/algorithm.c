#include <reseal/crypto.h>

enum {
    CCM_PLAINTEXT_MAX = 65535, /* a 13-byte nonce leaves two bytes for the length */
    OTHER_PLAINTEXT_MAX = (1 << 24) - 1
};

struct reseal_sizes reseal_algorithm_sizes(int algorithm) {
    switch (algorithm) {
        case RESEAL_AES_CCM_16_128_128:
            return (struct reseal_sizes){16, 13, CCM_PLAINTEXT_MAX};
        case RESEAL_AES_CCM_16_128_256:
            return (struct reseal_sizes){32, 13, CCM_PLAINTEXT_MAX};
        case RESEAL_A128GCM:
            return (struct reseal_sizes){16, 12, OTHER_PLAINTEXT_MAX};
        case RESEAL_A256GCM:
        case RESEAL_CHACHA20_POLY1305:
            return (struct reseal_sizes){32, 12, OTHER_PLAINTEXT_MAX};
        default:
            return (struct reseal_sizes){0, 0, 0};
    }
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
