/* SPDX-License-Identifier: Apache-2.0 */
#include <reseal/crypto.h>

const struct reseal_crypto *reseal_crypto_host(void) {
    return reseal_crypto_openssl();
}
