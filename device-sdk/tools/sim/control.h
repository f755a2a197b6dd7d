// SPDX-License-Identifier: Apache-2.0
// What the menu changes while devices run.
#pragma once

#include <chrono>
#include <cstddef>

namespace reseal::tools::sim {

using Clock = std::chrono::steady_clock;

struct Control {
    double rate = 4;         // readings a second per device
    double heart_rate = 72;  // mean, beats a minute
    std::size_t active = 1;  // the first this many devices are switched on
    bool paused = false;     // no new readings
    bool outage = false;     // no connections
    bool ending = false;     // no new readings, never again

    [[nodiscard]] bool streams() const { return !paused && !ending; }
};

// When the next device may connect, so that connects are spread over time.
class Pace {
  public:
    explicit Pace(double per_second)
        : interval_(std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / per_second))) {}

    // The next slot; not before `now`.
    Clock::time_point reserve(Clock::time_point now) {
        const auto place = next_ > now ? next_ : now;
        next_ = place + interval_;
        return place;
    }

  private:
    Clock::duration interval_;
    Clock::time_point next_{};
};

}  // namespace reseal::tools::sim
