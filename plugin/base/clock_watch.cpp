// SPDX-License-Identifier: Apache-2.0
#include "base/clock_watch.h"

#include <algorithm>

namespace reseal {

ClockWatch::Milliseconds ClockWatch::set_by(Milliseconds wall, Milliseconds steady) {
    if (steady >= doubt_ends_) {
        ahead_ = Milliseconds(0);
    }
    const Milliseconds difference = wall - steady;
    const Milliseconds by = difference - difference_.value_or(difference);
    if (!difference_) {
        difference_ = difference;
    }
    if (std::chrono::abs(by) < tolerance) {
        return Milliseconds(0);
    }
    difference_ = difference;
    ahead_ = std::max(ahead_ + by, Milliseconds(0));
    if (by.count() > 0) {
        doubt_ends_ = steady + doubt;
    }
    return by;
}

}  // namespace reseal
