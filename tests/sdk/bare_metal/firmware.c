/* SPDX-License-Identifier: Apache-2.0 */
/* What a firmware calls: the linker is not asked. */
#include <reseal/device.h>
#include <reseal/flash.h>
#include <reseal/version.h>

#if RESEAL_VERSION < RESEAL_VERSION_NUMBER(0, 1, 0)
#error "reseal/version.h"
#endif

extern const struct reseal_flash flash;
extern const struct reseal_credentials credentials;
extern const struct reseal_random random_source;
enum reseal_status start(struct reseal_device *device);

enum reseal_status start(struct reseal_device *device) {
    const struct reseal_port port = {
        .crypto = reseal_crypto_mbedtls(), .epochs = reseal_flash_epoch_store(&flash), .random = random_source};
    return reseal_device_open(device, &credentials, &port);
}
