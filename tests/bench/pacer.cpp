// SPDX-License-Identifier: Apache-2.0
#include "bench/pacer.h"

#include <algorithm>

namespace bench {

std::uint64_t Pacer::due(Clock::time_point now, std::uint64_t sent, std::uint64_t settled) const {
    if (!open()) {
        const std::uint64_t under_way = sent - settled;
        return under_way < window_ ? window_ - under_way : 0;
    }
    const double seconds = std::chrono::duration<double>(now - start_).count();
    const std::uint64_t wanted = seconds < 0 ? 0 : static_cast<std::uint64_t>(seconds * rate_) + 1;
    return wanted > sent ? wanted - sent : 0;
}

Clock::time_point Pacer::sending_time(std::uint64_t number, Clock::time_point now) const {
    return open() ? std::min(next(number), now) : now;
}

// Rounded up, so that the message is due at this time.
Clock::time_point Pacer::next(std::uint64_t sent) const {
    if (!open()) {
        return Clock::time_point::max();
    }
    const std::chrono::duration<double> after(static_cast<double>(sent) / rate_);
    return start_ + std::chrono::ceil<Clock::duration>(after) + Clock::duration(1);
}

}  // namespace bench
