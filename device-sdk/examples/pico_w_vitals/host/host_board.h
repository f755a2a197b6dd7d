// SPDX-License-Identifier: Apache-2.0
// The board of the example on a host: simulated sensors, flash in a file; the LED, and what the link says, as lines
// on stdout.
#pragma once

#include <chrono>
#include <cstdint>

#include "app/stored_settings.h"
#include "app/vitals.h"
#include "host/simulated_sensors.h"

namespace reseal::vitals {

class HostBoard {
  public:
    // `flash` holds `settings`, whose key a new one replaces. All must outlive the board.
    HostBoard(const reseal_flash* flash, reseal_settings& settings);
    HostBoard(const HostBoard&) = delete;
    HostBoard& operator=(const HostBoard&) = delete;

    [[nodiscard]] const board* get() const { return &board_; }

    [[nodiscard]] std::uint32_t now_ms() const;

  private:
    static HostBoard& of(void* self) { return *static_cast<HostBoard*>(self); }
    bool read_motion(std::uint8_t address, std::uint8_t first, std::uint8_t* out, std::uint8_t size);
    void show(bool on);

    const reseal_flash* flash_;
    reseal_settings& settings_;
    SimulatedMpu6050 motion_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    bool led_ = false;
    board board_{};
};

}  // namespace reseal::vitals
