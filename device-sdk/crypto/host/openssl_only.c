#include <reseal/crypto.h>

const struct reseal_crypto *reseal_crypto_host(void) {
    return reseal_crypto_openssl();
}
