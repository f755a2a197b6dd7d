// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/heart_rate.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <kissfft/kissfft.hh>
#include <numbers>
#include <numeric>
#include <random>

namespace reseal::tools::sim {
namespace {

constexpr double band_hertz = 0.01;  // standard deviation of each Gaussian, c1 and c2 of the paper

double gaussian(double hertz, double middle) {
    const double distance = (hertz - middle) / band_hertz;
    return std::exp(-distance * distance / 2);
}

// Up to a factor, which `standardise` sets.
double power(double hertz, double lf_hf_ratio) {
    return lf_hf_ratio * gaussian(hertz, mayer_hertz) + gaussian(hertz, breathing_hertz);
}

// Conjugate-symmetric, so that its transform is real.
std::vector<std::complex<double>> random_spectrum(double lf_hf_ratio, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::complex<double>> spectrum(Tachogram::samples);
    for (std::size_t i = 1; i < spectrum.size() / 2; ++i) {
        const double hertz = static_cast<double>(i) / Tachogram::period;
        const double phase = 2 * std::numbers::pi * unit_interval(random());
        spectrum[i] = std::polar(std::sqrt(power(hertz, lf_hf_ratio)), phase);
        spectrum[spectrum.size() - i] = std::conj(spectrum[i]);
    }
    return spectrum;
}

// The spectrum has no constant part, so the mean is already 0.
void standardise(std::vector<double>& values) {
    const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
    const double deviation = std::sqrt(squares / static_cast<double>(values.size()));
    std::transform(values.begin(), values.end(), values.begin(), [deviation](double x) { return x / deviation; });
}

}  // namespace

Tachogram::Tachogram(double lf_hf_ratio, std::uint64_t seed) {
    const auto spectrum = random_spectrum(lf_hf_ratio, seed);
    std::vector<std::complex<double>> series(samples);
    kissfft<double>(samples, true).transform(spectrum.data(), series.data());
    values_.reserve(samples);
    for (const std::complex<double>& value : series) {
        values_.push_back(value.real());
    }
    standardise(values_);
}

double Tachogram::at(double seconds) const {
    const double place = seconds * samples_per_second;
    const double whole = std::floor(place);
    const std::size_t left = static_cast<std::size_t>(whole) % samples;
    return std::lerp(values_[left], values_[(left + 1) % samples], place - whole);
}

double beat_seconds(const HeartRate& rate, double swing) {
    const double mean = 60 / rate.mean;
    const double deviation = mean * rate.deviation / rate.mean;
    return std::clamp(mean + swing * deviation, 0.2, 3.0);
}

}  // namespace reseal::tools::sim
