/* SPDX-License-Identifier: Apache-2.0 */
#include "pico_board.h"

#include <hardware/adc.h>
#include <hardware/i2c.h>
#include <pico/cyw43_arch.h>
#include <pico/stdlib.h>
#include <reseal/pico.h>
#include <stdio.h>

#include "app/stored_settings.h"

enum {
    PIN_MODE_SWITCH = 22, /* closed: to ground */
    PIN_I2C_DATA = 4,
    PIN_I2C_CLOCK = 5,
    PIN_PULSE = 26,
    ADC_OF_PULSE = 0,
    I2C_HERTZ = 400000,
    I2C_LIMIT_US = 5000 /* for 15 bytes, which take 400 */
};

static uint32_t now_ms(void *context) {
    (void)context;
    return to_ms_since_boot(get_absolute_time());
}

static bool read_adc(void *context, enum board_channel channel, uint16_t *out) {
    (void)context;
    adc_select_input(channel == BOARD_PULSE ? (uint)ADC_OF_PULSE : (uint)ADC_TEMPERATURE_CHANNEL_NUM);
    *out = adc_read();
    return true;
}

static bool i2c_write_register(void *context, uint8_t address, uint8_t first, uint8_t value) {
    (void)context;
    const uint8_t bytes[] = {first, value};
    return i2c_write_timeout_us(i2c0, address, bytes, sizeof bytes, false, I2C_LIMIT_US) == sizeof bytes;
}

static bool i2c_read_registers(void *context, uint8_t address, uint8_t first, uint8_t *out, uint8_t size) {
    (void)context;
    return i2c_write_timeout_us(i2c0, address, &first, 1, true, I2C_LIMIT_US) == 1 &&
           i2c_read_timeout_us(i2c0, address, out, size, false, I2C_LIMIT_US) == size;
}

/* The LED hangs on the Wi-Fi chip: each change is a transfer to it. */
void pico_board_led(bool on) {
    static bool is_on;
    if (on != is_on) {
        cyw43_arch_gpio_put(CYW43_WL_GPIO_LED_PIN, on);
        is_on = on;
    }
}

static void led(void *context, bool on) {
    (void)context;
    pico_board_led(on);
}

static enum reseal_status store_key(void *context, const struct reseal_credentials *fresh) {
    return stored_settings_rekey(reseal_pico_settings_flash(), context, fresh);
}

/* On the serial line. */
static void tell(void *context, const char *line) {
    (void)context;
    printf("%s\n", line);
}

static void open_pins(void) {
    gpio_init(PIN_MODE_SWITCH);
    gpio_set_dir(PIN_MODE_SWITCH, GPIO_IN);
    gpio_pull_up(PIN_MODE_SWITCH);
    adc_init();
    adc_gpio_init(PIN_PULSE);
    adc_set_temp_sensor_enabled(true);
    i2c_init(i2c0, I2C_HERTZ);
    gpio_set_function(PIN_I2C_DATA, GPIO_FUNC_I2C);
    gpio_set_function(PIN_I2C_CLOCK, GPIO_FUNC_I2C);
    gpio_pull_up(PIN_I2C_DATA);
    gpio_pull_up(PIN_I2C_CLOCK);
    sleep_ms(1); /* the pull-up must charge the switch's wire */
}

const struct board *pico_board_open(struct reseal_settings *settings) {
    static struct board board = {.now_ms = now_ms,
                                 .adc = read_adc,
                                 .i2c_write = i2c_write_register,
                                 .i2c_read = i2c_read_registers,
                                 .led = led,
                                 .store_key = store_key,
                                 .tell = tell};
    board.context = settings;
    open_pins();
    return &board;
}

bool pico_board_mode_switch(void) {
    return !gpio_get(PIN_MODE_SWITCH);
}
