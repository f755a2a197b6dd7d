// SPDX-License-Identifier: Apache-2.0
// One device's readings fall due by the clock, wait in a queue, and leave it when a connection has room.
#pragma once

#include <cstdint>
#include <deque>

#include "tools/sim/control.h"
#include "tools/sim/options.h"
#include "tools/sim/vital_signs.h"

namespace reseal::tools::sim {

class Readings {
  public:
    Readings(const SimOptions& options, const Control& control, const std::string& principal, std::uint64_t seed)
        : options_(options),
          control_(control),
          vitals_(principal, options.layout, options.patient, seed),
          heart_rate_(options.patient.heart_rate.mean) {}

    // The first one is due now. Later calls change nothing.
    void start(Clock::time_point now);

    // Queues the readings that fell due. Returns how many of the oldest were dropped to make room.
    std::uint64_t take_due(Clock::time_point now);

    // Readings that would have been due meanwhile are skipped.
    void resume(Clock::time_point now) { due_ = now; }

    // After a change of the rate: the next one within the new period.
    void hasten(Clock::time_point now);

    [[nodiscard]] bool started() const { return started_; }

    // No more will fall due.
    [[nodiscard]] bool finished() const;
    [[nodiscard]] Clock::time_point due() const { return due_; }

    std::deque<Reading>& queue() { return queue_; }
    [[nodiscard]] const std::deque<Reading>& queue() const { return queue_; }

  private:
    [[nodiscard]] Clock::duration period() const;

    const SimOptions& options_;
    const Control& control_;
    VitalSigns vitals_;
    double heart_rate_;
    bool started_ = false;
    Clock::time_point due_ = Clock::time_point::max();
    Clock::time_point end_ = Clock::time_point::max();
    std::deque<Reading> queue_;
    std::uint64_t taken_ = 0;
};

}  // namespace reseal::tools::sim
