/* SPDX-License-Identifier: Apache-2.0 */
/* Seals one reading on Linux, and prints what an MQTT client publishes: the topic, and the payload in hex. */
#include <reseal/device.h>
#include <reseal/posix.h>
#include <stdio.h>
#include <string.h>

#include "credentials.h" /* scripts/provision export pico1 --format c-header --output credentials.h */

static int failed(const char *what, enum reseal_status status) {
    (void)fprintf(stderr, "%s: %s\n", what, reseal_status_text(status));
    return 1;
}

/* Here a device calls its MQTT client. */
static void publish(const struct reseal_message *message) {
    (void)printf("%s ", message->topic);
    for (size_t i = 0; i < message->payload.size; i++) {
        (void)printf("%02x", message->payload.data[i]);
    }
    (void)printf("\n");
}

static int seal_with(struct reseal_device *device, const char *reading) {
    static uint8_t memory[256];
    static struct reseal_message message;
    message.payload.data = memory;
    message.payload.capacity = sizeof memory;
    const struct reseal_bytes text = {(const uint8_t *)reading, strlen(reading)};
    const enum reseal_status status = reseal_device_seal(device, "ward/{id}/vitals/pulse", text, &message);
    if (status != RESEAL_OK) {
        return failed("seal", status);
    }
    publish(&message);
    return 0;
}

int main(void) {
    /* The file survives a restart: a device that forgets its epoch is refused. */
    static struct reseal_posix_epochs epochs;
    enum reseal_status status = reseal_posix_epochs_open(&epochs, "reading.epoch");
    if (status != RESEAL_OK) {
        return failed("reading.epoch", status);
    }
    const struct reseal_port port = {.crypto = reseal_crypto_openssl(),
                                     .epochs = reseal_posix_epoch_store(&epochs),
                                     .random = reseal_posix_random()};
    static struct reseal_device device;
    status = reseal_device_open(&device, &reseal_device_credentials, &port);
    const int result = status == RESEAL_OK ? seal_with(&device, "{\"pulse\":72}") : failed("open", status);
    reseal_device_close(&device);
    reseal_posix_epochs_close(&epochs);
    return result;
}
