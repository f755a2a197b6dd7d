// SPDX-License-Identifier: Apache-2.0
// The example's sensors, for a host: the registers of an MPU-6050, and voltages at the inputs.
#pragma once

#include <array>
#include <cstdint>

#include "app/board.h"

namespace reseal::vitals {

// Answers on the bus as the chip does. After power-on it sleeps and measures nothing. A burst continues through the
// following registers. Acceleration and rotation are scaled by the ranges that were set.
class SimulatedMpu6050 {
  public:
    SimulatedMpu6050() { power_on(); }

    void power_on();
    void set_identity(std::uint8_t identity);
    // Sets what is measured from now on: g, degrees a second, degrees Celsius.
    void measure(const std::array<double, 3>& g, const std::array<double, 3>& degrees_per_second, double celsius);

    // False: no acknowledgement.
    bool write(std::uint8_t address, std::uint8_t place, std::uint8_t value);
    bool read(std::uint8_t address, std::uint8_t first, std::uint8_t* out, std::uint8_t size) const;

  private:
    [[nodiscard]] bool sleeps() const;
    void put(unsigned place, double value);

    std::array<std::uint8_t, 128> registers_{};
};

// The optical pulse sensor's output at 72 beats a minute, as the converter reads it.
std::uint16_t simulated_pulse(std::uint32_t ms);

// The chip's own temperature sensor at `celsius`.
std::uint16_t simulated_temperature(double celsius);

}  // namespace reseal::vitals
