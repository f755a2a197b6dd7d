// SPDX-License-Identifier: Apache-2.0
// The electrocardiogram of McSharry, Clifford, Tarassenko and Smith (heart_rate.h names the paper): a point moves round
// the unit circle, once per beat, and is pulled up and down as it passes the five events P, Q, R, S and T.
#pragma once

#include <array>

#include "tools/sim/heart_rate.h"

namespace reseal::tools::sim {

class EcgModel {
  public:
    static constexpr int samples_per_second = 250;

    // The point starts at an R peak.
    EcgModel(const HeartRate& rate, std::uint64_t seed);

    // The next sample in millivolt. Without baseline sway, it ranges from -0.4 to 1.2 at the mean rate.
    double next();

    // Keeps the variation but changes the mean, from the next beat on.
    void set_mean_rate(double beats_a_minute);

    [[nodiscard]] const HeartRate& rate() const { return rate_; }

    // From the last R peak to the next one.
    [[nodiscard]] double beat_seconds() const { return beat_seconds_; }

    // The last sample's position in the beat: 0 to 1, from one R peak to the next.
    [[nodiscard]] double phase() const;

    // Of the last sample, 0 at the start.
    [[nodiscard]] double seconds() const { return seconds_; }

  private:
    using State = std::array<double, 3>;  // x, y, z

    State calibrate();

    HeartRate rate_;
    Tachogram tachogram_;
    double seconds_ = 0;
    double beat_seconds_;
    double millivolt_ = 1;  // one unit of the model
    double zero_ = 0;       // what the model calls 0, in millivolt
    State state_;           // after the units, which calibrate sets
};

}  // namespace reseal::tools::sim
