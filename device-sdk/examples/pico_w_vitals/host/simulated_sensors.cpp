// SPDX-License-Identifier: Apache-2.0
#include "host/simulated_sensors.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "app/mpu6050.h"

namespace reseal::vitals {
namespace {

constexpr std::uint8_t asleep = 0x40;
constexpr unsigned burst_size = 14;

// The range that bits 3 and 4 of a configuration register choose: the smallest, or 2, 4 or 8 times it.
double range_factor(std::uint8_t configuration) {
    return 1 << (configuration >> 3 & 3);
}

}  // namespace

void SimulatedMpu6050::power_on() {
    registers_.fill(0);
    registers_.at(MPU6050_POWER) = asleep;
    registers_.at(MPU6050_WHO_AM_I) = MPU6050_ADDRESS;
}

void SimulatedMpu6050::set_identity(std::uint8_t identity) {
    registers_.at(MPU6050_WHO_AM_I) = identity;
}

bool SimulatedMpu6050::sleeps() const {
    return (registers_.at(MPU6050_POWER) & asleep) != 0;
}

void SimulatedMpu6050::put(unsigned place, double value) {
    const auto raw = static_cast<std::uint16_t>(static_cast<std::int16_t>(std::clamp(value, -32768.0, 32767.0)));
    registers_.at(place) = static_cast<std::uint8_t>(raw >> 8);
    registers_.at(place + 1) = static_cast<std::uint8_t>(raw & 0xFF);
}

void SimulatedMpu6050::measure(const std::array<double, 3>& g, const std::array<double, 3>& degrees_per_second,
                               double celsius) {
    if (sleeps()) {
        return;
    }
    for (unsigned axis = 0; axis < 3; ++axis) {
        put(MPU6050_ACCEL_XOUT_H + 2 * axis,
            std::round(g.at(axis) * 16384 / range_factor(registers_.at(MPU6050_ACCEL_CONFIG))));
        put(MPU6050_ACCEL_XOUT_H + 8 + 2 * axis,
            std::round(degrees_per_second.at(axis) * 131 / range_factor(registers_.at(MPU6050_GYRO_CONFIG))));
    }
    put(MPU6050_ACCEL_XOUT_H + 6, std::round((celsius - 36.53) * 340));
}

bool SimulatedMpu6050::write(std::uint8_t address, std::uint8_t place, std::uint8_t value) {
    const bool measured = place >= MPU6050_ACCEL_XOUT_H && place < MPU6050_ACCEL_XOUT_H + burst_size;
    if (address != MPU6050_ADDRESS || place >= registers_.size()) {
        return false;
    }
    if (!measured && place != MPU6050_WHO_AM_I) {
        registers_.at(place) = value;
    }
    return true;
}

bool SimulatedMpu6050::read(std::uint8_t address, std::uint8_t first, std::uint8_t* out, std::uint8_t size) const {
    if (address != MPU6050_ADDRESS || first + size > static_cast<int>(registers_.size())) {
        return false;
    }
    std::copy_n(registers_.begin() + first, size, out);
    return true;
}

std::uint16_t simulated_pulse(std::uint32_t ms) {
    constexpr double beats_per_ms = 72.0 / 60'000;
    const double phase = std::fmod(ms * beats_per_ms, 1.0);
    const double beat = std::exp(-200 * (phase - 0.2) * (phase - 0.2)) +
                        0.3 * std::sin(2 * std::numbers::pi * phase) * std::exp(-3 * phase);
    return static_cast<std::uint16_t>(2048 + 900 * beat);
}

std::uint16_t simulated_temperature(double celsius) {
    const double volts = 0.706 - (celsius - 27) * 0.001721;
    return static_cast<std::uint16_t>(std::lround(volts / 3.3 * 4096));
}

}  // namespace reseal::vitals
