/* SPDX-License-Identifier: Apache-2.0 */
/* With an mbedTLS that has AES-CCM alone, the device seals with it and names what it does not have. */
#include <reseal/device.h>
#include <string.h>

#include "check.h"
#include "memory_ports.h"

static struct reseal_device device;
static uint32_t stored;

static enum reseal_status seal_with(uint8_t algorithm) {
    const struct reseal_credentials credentials = {.algorithm = algorithm,
                                                   .key_id = "1234567",
                                                   .master = "0123456789abcdef0123456789abcde",
                                                   .realm = "ward-7",
                                                   .principal = "pump-7"};
    const struct reseal_port port = {
        .crypto = reseal_crypto_mbedtls(), .epochs = {&stored, load, store, NULL}, .random = {&stored, fill}};
    static const char text[] = "72";
    static uint8_t memory[64];
    static struct reseal_message out;
    out.payload = (struct reseal_buffer){memory, sizeof memory, 0};
    enum reseal_status status = reseal_device_open(&device, &credentials, &port);
    if (status == RESEAL_OK) {
        status = reseal_device_seal(&device, "ward/{id}/pulse",
                                    (struct reseal_bytes){(const uint8_t *)text, strlen(text)}, &out);
    }
    reseal_device_close(&device);
    return status;
}

static void expect(uint8_t algorithm, enum reseal_status expected) {
    const enum reseal_status status = seal_with(algorithm);
    check(status == expected, reseal_algorithm_name(algorithm), reseal_status_text(status));
}

int main(void) {
    expect(RESEAL_AES_CCM_16_128_128, RESEAL_OK);
    expect(RESEAL_AES_CCM_16_128_256, RESEAL_OK);
    expect(RESEAL_A128GCM, RESEAL_WRONG_ALGORITHM);
    expect(RESEAL_A256GCM, RESEAL_WRONG_ALGORITHM);
    expect(RESEAL_CHACHA20_POLY1305, RESEAL_WRONG_ALGORITHM);
    return check_end();
}
