// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/readings.h"

#include <algorithm>
#include <utility>

namespace reseal::tools::sim {

void Readings::start(Clock::time_point now) {
    if (std::exchange(started_, true)) {
        return;
    }
    due_ = now;
    if (options_.seconds > 0) {
        end_ = now + std::chrono::seconds(options_.seconds);
    }
}

Clock::duration Readings::period() const {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / control_.rate));
}

void Readings::hasten(Clock::time_point now) {
    if (started_) {
        due_ = std::min(due_, now + period());
    }
}

bool Readings::finished() const {
    return control_.ending || (options_.count > 0 && taken_ >= options_.count) || (started_ && due_ >= end_);
}

std::uint64_t Readings::take_due(Clock::time_point now) {
    std::uint64_t dropped = 0;
    if (heart_rate_ != control_.heart_rate) {
        heart_rate_ = control_.heart_rate;
        vitals_.set_mean_rate(heart_rate_);
    }
    while (started_ && !finished() && due_ <= now) {
        if (queue_.size() == options_.queue) {
            queue_.pop_front();
            ++dropped;
        }
        queue_.push_back(vitals_.next(1 / control_.rate));
        ++taken_;
        due_ += period();
    }
    return dropped;
}

}  // namespace reseal::tools::sim
