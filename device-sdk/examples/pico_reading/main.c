/* SPDX-License-Identifier: Apache-2.0 */
/* Seals one reading of the Pico's own thermometer every ten seconds, and prints what an MQTT client publishes. */
#include <hardware/adc.h>
#include <pico/stdlib.h>
#include <reseal/pico.h>
#include <stdio.h>
#include <string.h>

#include "credentials.h" /* scripts/provision export pico1 --format c-header --output credentials.h */

enum { THERMOMETER = 4, READING_MAX = 32, EVERY_MS = 10000 }; /* the RP2040's and RP2350A's ADC input */

static struct reseal_device device;

static void read_temperature(char out[READING_MAX]) {
    const float volts = (float)adc_read() * 3.3F / 4096;
    (void)snprintf(out, READING_MAX, "{\"celsius\":%.1f}", (double)(27 - (volts - 0.706F) / 0.001721F));
}

/* Here a device calls its MQTT client. */
static void publish(const struct reseal_message *message) {
    printf("%s ", message->topic);
    for (size_t i = 0; i < message->payload.size; i++) {
        printf("%02x", message->payload.data[i]);
    }
    printf("\n");
}

static enum reseal_status seal(const char *reading) {
    static uint8_t memory[READING_MAX + RESEAL_OVERHEAD_MAX];
    static struct reseal_message message;
    message.payload = (struct reseal_buffer){memory, sizeof memory, 0};
    const struct reseal_bytes text = {(const uint8_t *)reading, strlen(reading)};
    const enum reseal_status status = reseal_device_seal(&device, "ward/{id}/room", text, &message);
    if (status == RESEAL_OK) {
        publish(&message);
    }
    return status;
}

int main(void) {
    stdio_init_all();
    adc_init();
    adc_set_temp_sensor_enabled(true);
    adc_select_input(THERMOMETER);
    const struct reseal_port port = reseal_pico_port();
    enum reseal_status status = reseal_device_open(&device, &reseal_device_credentials, &port);
    while (status == RESEAL_OK) {
        char reading[READING_MAX];
        read_temperature(reading);
        status = seal(reading);
        sleep_ms(EVERY_MS);
    }
    printf("%s\n", reseal_status_text(status));
    return 1;
}
