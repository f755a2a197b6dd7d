// SPDX-License-Identifier: Apache-2.0
// What a simulated device sends: the vital signs of one patient at rest, as JSON. The same seed gives the same
// readings.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/sim/patient.h"

namespace reseal::tools::sim {

// Has its own fixed-size memory, as on a device.
struct Reading {
    static constexpr std::size_t size_max = 384;

    std::string_view kind;  // the last level of its topic
    std::uint64_t number = 0;
    std::array<char, size_max> text{};
    std::size_t size = 0;

    [[nodiscard]] std::string_view json() const { return {text.data(), size}; }
};

enum class Layout {
    /*
     * Four kinds in turn, each with "device", "type", "seq" (from 0) and "t_ms", milliseconds of simulated time:
     * ecg           "mv": the last 20 samples in millivolt, 250 a second
     * pulse         "bpm": beats a minute
     * temperature   "celsius"
     * acceleration  "g": [x, y, z] in standard gravity
     */
    vitals,
    /*
     * One kind, "sensors", with seven strings: "Temp", "TempMcu" and "TempMpu" in degrees Celsius, "PulseSig" as the
     * 12-bit converter reads it, "Acel_x", "Acel_y" and "Acel_z" in standard gravity.
     */
    legacy
};

class VitalSigns {
  public:
    VitalSigns(std::string device, Layout layout, const PatientSettings& patient, std::uint64_t seed);

    // `period`: seconds of simulated time until the next one.
    Reading next(double period);

    // Beats a minute.
    void set_mean_rate(double mean) { patient_.set_mean_rate(mean); }

  private:
    void write_vitals(Reading& reading);
    void write_measurement(Reading& reading);
    void write_legacy(Reading& reading);

    std::string device_;
    Layout layout_;
    Patient patient_;
    std::uint64_t number_ = 0;
};

}  // namespace reseal::tools::sim
