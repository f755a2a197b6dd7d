/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest firmware that uses all of the SDK. What the linker keeps of core and port is their footprint. It is
 * linked and measured, never run.
 */
#include <reseal/ack.h>
#include <reseal/device.h>
#include <reseal/flash.h>
#include <reseal/rekey.h>

static bool flash_read(void *context, uint32_t offset, uint8_t *out, uint32_t size) {
    const volatile uint8_t *flash = context;
    for (uint32_t i = 0; i < size; i++) {
        out[i] = flash[offset + i];
    }
    return true;
}

static bool flash_program(void *context, uint32_t offset, const uint8_t *data, uint32_t size) {
    volatile uint8_t *flash = context;
    for (uint32_t i = 0; i < size; i++) {
        flash[offset + i] &= data[i];
    }
    return true;
}

static bool flash_erase(void *context, uint32_t offset) {
    volatile uint8_t *flash = context;
    flash[offset] = 0xFF;
    return true;
}

static bool fill(void *context, uint8_t *out, size_t size) {
    return flash_read(context, 0, out, (uint32_t)size);
}

#ifdef RESEAL_FOOTPRINT_OF_REKEY
static enum reseal_status keep(void *context, const struct reseal_credentials *fresh) {
    *(struct reseal_credentials *)context = *fresh;
    return RESEAL_OK;
}
#endif

static struct reseal_device device;
static struct reseal_credentials credentials;
static uint8_t sectors[8192];
static uint8_t memory[128];

int main(void) {
    const struct reseal_flash flash = {sectors, 4096, flash_read, flash_program, flash_erase};
    struct reseal_port port = {reseal_crypto_mbedtls(), reseal_flash_epoch_store(&flash), {sectors, fill}, {0}};
#ifdef RESEAL_FOOTPRINT_OF_WINDOW
    port.windows = reseal_flash_window_store(&flash);
#endif
    static struct reseal_message message;
    message.payload = (struct reseal_buffer){memory, sizeof memory, 0};
    struct reseal_buffer opened = {memory, sizeof memory, 0};
    int result = (int)reseal_device_open(&device, &credentials, &port);
    result += (int)reseal_device_seal(&device, "t", (struct reseal_bytes){memory, 4}, &message);
    result += (int)reseal_device_receive(&device, "t", (struct reseal_bytes){memory, sizeof memory}, &opened);
#ifdef RESEAL_FOOTPRINT_OF_LOGIN
    char password[RESEAL_DEVICE_LOGIN_SIZE];
    result += (int)reseal_device_login(&device, RESEAL_LISTENER_SEALED, "{id}", password, sizeof password);
#endif
#ifdef RESEAL_FOOTPRINT_OF_REKEY
    const struct reseal_key_store keys = {&credentials, keep};
    char topic[RESEAL_REKEY_TOPIC_SIZE];
    reseal_rekey_topic(&device, topic);
    result += (int)reseal_device_rekey(&device, (struct reseal_bytes){memory, sizeof memory}, &keys) + topic[0];
#endif
#ifdef RESEAL_FOOTPRINT_OF_ACK
    struct reseal_ack ack;
    char filter[RESEAL_ACK_TOPIC_SIZE];
    reseal_ack_topic(&device, filter);
    result += (int)reseal_device_ack(&device, (struct reseal_bytes){memory, sizeof memory}, &ack) + filter[0];
    result += reseal_ack_names(&ack, (struct reseal_bytes){memory, sizeof memory}) ? 1 : 0;
#endif
    reseal_device_close(&device);
    return result;
}
