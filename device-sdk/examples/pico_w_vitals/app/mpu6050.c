/* SPDX-License-Identifier: Apache-2.0 */
#include "mpu6050.h"

enum {
    IDENTITY = 0x68,
    CLOCK_OF_GYRO = 0x01, /* awake, with the steadiest clock */
    SLEEPS = 0x40,
    FILTER_44_HZ = 3,
    HUNDRED_HZ = 9, /* 1 kHz / (1 + 9) */
    RANGE_SMALLEST = 0,
    BURST = 14
};

static bool set(const struct board *board, uint8_t place, uint8_t value) {
    return board->i2c_write(board->context, MPU6050_ADDRESS, place, value);
}

bool mpu6050_start(const struct board *board) {
    uint8_t identity = 0;
    return board->i2c_read(board->context, MPU6050_ADDRESS, MPU6050_WHO_AM_I, &identity, 1) && identity == IDENTITY &&
           set(board, MPU6050_POWER, CLOCK_OF_GYRO) && set(board, MPU6050_SAMPLE_RATE_DIVIDER, HUNDRED_HZ) &&
           set(board, MPU6050_CONFIG, FILTER_44_HZ) && set(board, MPU6050_GYRO_CONFIG, RANGE_SMALLEST) &&
           set(board, MPU6050_ACCEL_CONFIG, RANGE_SMALLEST);
}

static int32_t value_at(const uint8_t *burst, size_t index) {
    return (int16_t)(uint16_t)(burst[2 * index] << 8 | burst[2 * index + 1]);
}

bool mpu6050_read(const struct board *board, struct mpu6050_sample *out) {
    uint8_t power = SLEEPS;
    uint8_t burst[BURST];
    if (!board->i2c_read(board->context, MPU6050_ADDRESS, MPU6050_POWER, &power, 1) || (power & SLEEPS) != 0 ||
        !board->i2c_read(board->context, MPU6050_ADDRESS, MPU6050_ACCEL_XOUT_H, burst, BURST)) {
        return false;
    }
    for (unsigned axis = 0; axis < 3; axis++) {
        out->milli_g[axis] = value_at(burst, axis) * 1000 / 16384;
        out->milli_degrees_per_second[axis] = value_at(burst, 4 + axis) * 1000 / 131;
    }
    out->centi_celsius = value_at(burst, 3) * 100 / 340 + 3653;
    return true;
}
