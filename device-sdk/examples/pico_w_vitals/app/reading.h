/* SPDX-License-Identifier: Apache-2.0 */
/* What the device sends: readings of its sensors, and answers to commands. Both as JSON. */
#ifndef VITALS_READING_H
#define VITALS_READING_H

#include "mpu6050.h"
#include "text.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { READING_TEXT_MAX = 200 }; /* bytes of any of the texts, its NUL included */

struct reading {
    uint16_t pulse; /* the sensor's voltage, 0 to 4095 for 3.3 V */
    int16_t chip_centi_celsius;
    struct mpu6050_sample motion;
    bool has_pulse;
    bool has_temperature;
    bool has_motion;
};

/* A sensor that does not answer is left out of the reading. `motion_ready` remembers whether the MPU-6050 is set up. */
void reading_take(const struct board *board, bool *motion_ready, struct reading *out);

/* Hundredths of a degree from the sensor in the RP2040 or RP2350, accurate to about 2 degrees. */
int16_t reading_chip_temperature(uint16_t adc);

/* {"n":12,"ms":61000,"pulse":2048,"chip_c":27.10,"mpu_c":31.25,"g":[0.012,-0.004,1.002],"dps":[0.1,...]} */
void reading_write(const struct reading *reading, uint32_t number, uint32_t ms, struct text *out);

#ifdef __cplusplus
}
#endif
#endif
