// SPDX-License-Identifier: Apache-2.0
// When to send the next message: at a given rate whatever the broker does (open loop), or as soon as fewer than a
// window are in flight (closed loop).
#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

using Clock = std::chrono::steady_clock;

class Pacer {
  public:
    // `rate` messages a second from `start` on; the first is due at once.
    static Pacer open_loop(double rate, Clock::time_point start) { return Pacer(rate, 0, start); }
    // At most `window` messages at a time that have not reached all of their subscribers.
    static Pacer closed_loop(std::uint64_t window) { return Pacer(0, window, {}); }

    // How many more messages may be sent when `sent` were sent and `settled` have arrived everywhere.
    [[nodiscard]] std::uint64_t due(Clock::time_point now, std::uint64_t sent, std::uint64_t settled) const;

    // The time from which the delivery of message `number` (from 0) counts. In the open loop that is when it was due,
    // so that a stall shows in the latency of every message it delays. Otherwise it is `now`.
    [[nodiscard]] Clock::time_point sending_time(std::uint64_t number, Clock::time_point now) const;

    // When due() next grows by itself, after `sent` messages; in the closed loop, the end of time.
    [[nodiscard]] Clock::time_point next(std::uint64_t sent) const;

  private:
    Pacer(double rate, std::uint64_t window, Clock::time_point start) : rate_(rate), window_(window), start_(start) {}

    [[nodiscard]] bool open() const { return rate_ > 0; }

    double rate_;
    std::uint64_t window_;
    Clock::time_point start_;
};

}  // namespace bench
