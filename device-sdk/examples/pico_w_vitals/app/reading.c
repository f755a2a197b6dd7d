/* SPDX-License-Identifier: Apache-2.0 */
#include "reading.h"

#include <string.h>

int16_t reading_chip_temperature(uint16_t adc) {
    /* 0.706 V at 27 degrees, 1.721 mV less for each more (RP2040 and RP2350 datasheets, "Temperature sensor"). */
    const int32_t microvolts = (int32_t)((int64_t)adc * 3300000 / 4096);
    return (int16_t)(2700 - (microvolts - 706000) * 10 / 172);
}

static bool take_motion(const struct board *board, bool *ready, struct mpu6050_sample *out) {
    *ready = *ready || mpu6050_start(board);
    if (*ready) {
        *ready = mpu6050_read(board, out);
    }
    return *ready;
}

void reading_take(const struct board *board, bool *motion_ready, struct reading *out) {
    memset(out, 0, sizeof *out);
    uint16_t temperature = 0;
    out->has_pulse = board->adc(board->context, BOARD_PULSE, &out->pulse);
    out->has_temperature = board->adc(board->context, BOARD_TEMPERATURE, &temperature);
    if (out->has_temperature) {
        out->chip_centi_celsius = reading_chip_temperature(temperature);
    }
    out->has_motion = take_motion(board, motion_ready, &out->motion);
}

static void write_axes(const char *name, const int32_t *thousandths, struct text *out) {
    text_add(out, name);
    for (unsigned axis = 0; axis < 3; axis++) {
        text_add(out, axis == 0 ? "[" : ",");
        text_add_decimal(out, thousandths[axis], 3);
    }
    text_add(out, "]");
}

void reading_write(const struct reading *reading, uint32_t number, uint32_t ms, struct text *out) {
    text_add(out, "{\"n\":");
    text_add_number(out, number);
    text_add(out, ",\"ms\":");
    text_add_number(out, ms);
    if (reading->has_pulse) {
        text_add(out, ",\"pulse\":");
        text_add_number(out, reading->pulse);
    }
    if (reading->has_temperature) {
        text_add(out, ",\"chip_c\":");
        text_add_decimal(out, reading->chip_centi_celsius, 2);
    }
    if (reading->has_motion) {
        text_add(out, ",\"mpu_c\":");
        text_add_decimal(out, reading->motion.centi_celsius, 2);
        write_axes(",\"g\":", reading->motion.milli_g, out);
        write_axes(",\"dps\":", reading->motion.milli_degrees_per_second, out);
    }
    text_add(out, "}");
}
