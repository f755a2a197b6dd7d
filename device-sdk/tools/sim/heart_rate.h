// SPDX-License-Identifier: Apache-2.0
// Heart-rate variability: the R-R tachogram of McSharry, Clifford, Tarassenko and Smith, "A dynamical model for
// generating synthetic electrocardiogram signals", IEEE Transactions on Biomedical Engineering 50 (2003) 289-294.
#pragma once

#include <cstdint>
#include <vector>

namespace reseal::tools::sim {

struct HeartRate {
    double mean = 72;          // beats a minute
    double deviation = 2;      // its standard deviation, beats a minute
    double lf_hf_ratio = 0.5;  // power of the Mayer waves (0.1 Hz) to that of breathing (0.25 Hz)
};

inline constexpr double mayer_hertz = 0.1;
inline constexpr double breathing_hertz = 0.25;

// A number from 0 up to 1 from a generator's 64 bits. Not std::uniform_real_distribution, whose numbers differ between
// standard libraries.
constexpr double unit_interval(std::uint64_t bits) {
    return static_cast<double>(bits >> 11U) * 0x1p-53;
}

/*
 * How the R-R interval varies about its mean: mean 0, standard deviation 1, a power spectrum of two Gaussians at the
 * two frequencies, and phases from the seed. Periodic: after `period` seconds it repeats without a break.
 */
class Tachogram {
  public:
    static constexpr double samples_per_second = 4;
    static constexpr std::size_t samples = 2048;
    static constexpr double period = samples / samples_per_second;

    Tachogram(double lf_hf_ratio, std::uint64_t seed);

    // `seconds` from 0 on; linear between two samples.
    [[nodiscard]] double at(double seconds) const;

    [[nodiscard]] const std::vector<double>& values() const { return values_; }

  private:
    std::vector<double> values_;
};

// Seconds from one beat to the next when the tachogram is at `swing`; 0.2 to 3 s, whatever the deviation.
double beat_seconds(const HeartRate& rate, double swing);

}  // namespace reseal::tools::sim
