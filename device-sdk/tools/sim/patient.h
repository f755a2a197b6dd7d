// SPDX-License-Identifier: Apache-2.0
// One simulated patient at rest. The sensors agree: pulse, pulse wave and acceleration follow the ECG.
#pragma once

#include <array>
#include <cstdint>
#include <random>

#include "tools/sim/ecg_model.h"

namespace reseal::tools::sim {

struct PatientSettings {
    HeartRate heart_rate;
    double noise = 0.02;  // of the ECG: millivolts at most, to each side
};

// In standard gravity.
struct Acceleration {
    double x = 0;
    double y = 0;
    double z = 0;
};

// The same seed and the same calls give the same numbers.
class Patient {
  public:
    static constexpr std::size_t strip_samples = 20;

    Patient(const PatientSettings& settings, std::uint64_t seed);

    // Advances the patient's time by `seconds`.
    void live(double seconds);

    [[nodiscard]] double seconds() const { return seconds_; }

    // The last samples of the ECG in millivolt, oldest first.
    [[nodiscard]] std::array<double, strip_samples> ecg() const;

    // Of the present beat, in beats a minute.
    [[nodiscard]] double pulse() const { return 60 / ecg_.beat_seconds(); }

    double celsius();
    Acceleration acceleration();

    // What a 12-bit converter reads from an optical pulse sensor, 0 to 4095.
    int pulse_wave();

    // The chips' own temperatures, which rise in their case: microcontroller and motion sensor.
    double controller_celsius();
    double motion_sensor_celsius();

    void set_mean_rate(double beats_a_minute) { ecg_.set_mean_rate(beats_a_minute); }

  private:
    double noise(double amplitude);
    void sample();

    double noise_;
    std::mt19937_64 random_;
    EcgModel ecg_;
    double seconds_ = 0;
    std::uint64_t sampled_ = 0;
    std::array<double, strip_samples> strip_{};  // a ring; the oldest is at sampled_ % strip_samples
};

}  // namespace reseal::tools::sim
