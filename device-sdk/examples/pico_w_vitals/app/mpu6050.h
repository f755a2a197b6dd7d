/* SPDX-License-Identifier: Apache-2.0 */
/* The InvenSense MPU-6050 on I2C: acceleration, rotation, and its own temperature. */
#ifndef VITALS_MPU6050_H
#define VITALS_MPU6050_H

#include "board.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    MPU6050_ADDRESS = 0x68, /* with AD0 at ground */
    MPU6050_SAMPLE_RATE_DIVIDER = 0x19,
    MPU6050_CONFIG = 0x1A,
    MPU6050_GYRO_CONFIG = 0x1B,
    MPU6050_ACCEL_CONFIG = 0x1C,
    MPU6050_ACCEL_XOUT_H = 0x3B, /* acceleration, temperature, rotation: 7 big-endian values of 16 bits */
    MPU6050_POWER = 0x6B,
    MPU6050_WHO_AM_I = 0x75
};

struct mpu6050_sample {
    int32_t milli_g[3];                  /* within 2 g */
    int32_t milli_degrees_per_second[3]; /* within 250 degrees a second */
    int32_t centi_celsius;
};

/* Wakes it and sets its ranges. False if nothing, or another device, answers at its address. */
bool mpu6050_start(const struct board *board);

/* All values of one moment, in one burst. False if the bus fails or the chip sleeps, as after losing power. */
bool mpu6050_read(const struct board *board, struct mpu6050_sample *out);

#ifdef __cplusplus
}
#endif
#endif
