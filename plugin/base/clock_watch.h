// SPDX-License-Identifier: Apache-2.0
// Detects that the wall clock was set, by comparing it with a clock that nobody can set. Reads neither.
#pragma once

#include <chrono>
#include <optional>

namespace reseal {

class ClockWatch {
  public:
    using Milliseconds = std::chrono::milliseconds;

    // Smaller steps are not reported: a leap second, the time between reading the two clocks.
    static constexpr Milliseconds tolerance{2000};
    // How long a clock that was set forward may be wrong.
    static constexpr Milliseconds doubt = std::chrono::hours(1);

    // `wall` counts from 1970, `steady` from any moment; it must also go on while the machine sleeps. Answers by how
    // much the wall clock was set since the last answer that was not zero; forward is positive. The first call is 0.
    Milliseconds set_by(Milliseconds wall, Milliseconds steady);

    // By how much it was set forward, and not back again, while that may be wrong; as of the last call of set_by().
    [[nodiscard]] Milliseconds ahead() const { return ahead_; }

  private:
    std::optional<Milliseconds> difference_;
    Milliseconds ahead_{0};
    Milliseconds doubt_ends_{0};
};

}  // namespace reseal
