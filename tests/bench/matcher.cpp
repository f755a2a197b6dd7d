// SPDX-License-Identifier: Apache-2.0
#include "bench/matcher.h"

#include <string>

#include "bench/failure.h"

namespace bench {

Matcher::Matcher(std::size_t publishers, std::size_t subscribers, std::uint64_t messages)
    : publishers_(publishers), subscribers_(subscribers), next_(publishers * subscribers) {
    sent_.reserve(messages);
    for (std::size_t i = 0; i < next_.size(); ++i) {
        next_[i] = i % publishers_;
    }
}

void Matcher::received(std::size_t subscriber, std::uint64_t number, Clock::time_point when) {
    take(number, when);
    std::uint64_t& next = next_[subscriber * publishers_ + number % publishers_];
    if (number < next) {
        ++disordered_;
    } else {
        next = number + publishers_;
    }
}

void Matcher::received_next(std::size_t subscriber, std::size_t publisher, Clock::time_point when) {
    std::uint64_t& next = next_[subscriber * publishers_ + publisher];
    take(next, when);
    next += publishers_;
}

void Matcher::take(std::uint64_t number, Clock::time_point when) {
    if (number >= sent_.size()) {
        throw Failure("a subscriber received message " + std::to_string(number) + ", but only " +
                      std::to_string(sent_.size()) +
                      " were sent: others must not publish to these topics while the bench runs");
    }
    ++deliveries_;
    Sent& message = sent_[number];
    latencies_.add(when - message.when);
    if (++message.deliveries == subscribers_) {
        last_latencies_.add(when - message.when);
    }
}

}  // namespace bench
