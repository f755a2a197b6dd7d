// SPDX-License-Identifier: Apache-2.0
// A rate with a burst. Pure: time is an argument.
#pragma once

#include <algorithm>
#include <cstdint>

namespace reseal::budget {

// Nanoseconds of a clock that nobody can set.
using Time = std::int64_t;

inline constexpr Time second = 1'000'000'000;
inline constexpr Time minute = 60 * second;
inline constexpr Time hour = 60 * minute;

// How many tokens come back each nanosecond, and how many there are at most. If `burst` is 0, there is no limit.
struct Rate {
    double per_nanosecond = 0;
    double burst = 0;

    [[nodiscard]] bool limited() const { return burst > 0; }
};

// `tokens` in each `period`, and at once as many as come back within `burst`. 0 tokens: no limit.
constexpr Rate rate(double tokens, Time period, Time burst) {
    return {.per_nanosecond = tokens / static_cast<double>(period),
            .burst = tokens * static_cast<double>(burst) / static_cast<double>(period)};
}

class TokenBucket {
  public:
    // Takes `tokens`, or none if there are too few. More than the whole burst is taken from a full bucket, which then
    // owes the rest, because such a message must get through at some time. `now` must never go back.
    [[nodiscard]] bool take(const Rate& rate, Time now, double tokens = 1) {
        if (!rate.limited()) {
            return true;
        }
        const double spent = spent_by(rate, now);
        if (spent > 0 && spent + tokens > rate.burst) {
            return false;
        }
        spent_ = spent + tokens;
        since_ = now;
        return true;
    }

    // Whether take(tokens) would take them.
    [[nodiscard]] bool holds(const Rate& rate, Time now, double tokens = 1) const {
        const double spent = spent_by(rate, now);
        return !rate.limited() || spent == 0 || spent + tokens <= rate.burst;
    }

    // Has everything come back? Then the bucket is like a new one.
    [[nodiscard]] bool full(const Rate& rate, Time now) const { return !rate.limited() || spent_by(rate, now) == 0; }

  private:
    [[nodiscard]] double spent_by(const Rate& rate, Time now) const {
        return std::max(0.0, spent_ - static_cast<double>(now - since_) * rate.per_nanosecond);
    }

    Time since_ = 0;
    double spent_ = 0;  // tokens that had not come back at `since_`
};

}  // namespace reseal::budget
