// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/patient.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reseal::tools::sim {
namespace {

double swing(double seconds, double period) {
    return std::sin(2 * std::numbers::pi * seconds / period);
}

double bump(double phase, double middle, double width) {
    const double distance = (phase - middle) / width;
    return std::exp(-distance * distance / 2);
}

}  // namespace

// The strip is full from the start.
Patient::Patient(const PatientSettings& settings, std::uint64_t seed)
    : noise_(settings.noise), random_(seed), ecg_(settings.heart_rate, random_()) {
    for (std::size_t i = 0; i < strip_samples; ++i) {
        sample();
    }
    sampled_ = 0;
}

double Patient::noise(double amplitude) {
    return amplitude * (2 * unit_interval(random_()) - 1);
}

void Patient::sample() {
    strip_.at(sampled_ % strip_samples) = ecg_.next() + noise(noise_);
    ++sampled_;
}

void Patient::live(double seconds) {
    seconds_ += seconds;
    // A sum of many periods may fall slightly short of a sample.
    const auto wanted = static_cast<std::uint64_t>(seconds_ * EcgModel::samples_per_second + 1e-6);
    while (sampled_ < wanted) {
        sample();
    }
}

std::array<double, Patient::strip_samples> Patient::ecg() const {
    std::array<double, strip_samples> out{};
    const auto oldest = static_cast<std::ptrdiff_t>(sampled_ % strip_samples);
    std::rotate_copy(strip_.begin(), strip_.begin() + oldest, strip_.end(), out.begin());
    return out;
}

double Patient::celsius() {
    return 36.8 + 0.01 * (ecg_.rate().mean - 72) + 0.2 * swing(seconds_, 3600) + noise(0.02);
}

// The chest rises and falls with the breath.
Acceleration Patient::acceleration() {
    const double breath = swing(ecg_.seconds(), 1 / breathing_hertz);
    return {0.02 + noise(0.005), -0.01 + 0.01 * breath + noise(0.005), 0.99 + 0.02 * breath + noise(0.005)};
}

// Two waves per beat: the heart's, a third of a beat after the R peak, then its echo.
int Patient::pulse_wave() {
    const double phase = ecg_.phase();
    const double wave = bump(phase, 0.33, 0.08) + 0.4 * bump(phase, 0.58, 0.09);
    return static_cast<int>(std::clamp(std::lround(1900 + 900 * wave + noise(12)), 0L, 4095L));
}

double Patient::controller_celsius() {
    return 27 + 6 * (1 - std::exp(-seconds_ / 600)) + noise(0.25);
}

double Patient::motion_sensor_celsius() {
    return 26.5 + 4 * (1 - std::exp(-seconds_ / 600)) + noise(0.1);
}

}  // namespace reseal::tools::sim
