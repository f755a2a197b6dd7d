// SPDX-License-Identifier: Apache-2.0
// Matches deliveries to messages, and measures how long they took.
#pragma once

#include <cstdint>
#include <vector>

#include "bench/pacer.h"
#include "tools/latencies.h"

namespace bench {

// The messages of a run are numbered from 0; message n is sent by publisher n % publishers. Each goes to all
// subscribers.
class Matcher {
  public:
    // Room for this many `messages`.
    Matcher(std::size_t publishers, std::size_t subscribers, std::uint64_t messages);

    // Call with each number in turn.
    void sent(Clock::time_point when) { sent_.push_back({when}); }

    // A delivery that shows its number. Throws Failure if no such message was sent.
    void received(std::size_t subscriber, std::uint64_t number, Clock::time_point when);
    // A sealed delivery: the next one from `publisher` to this subscriber, since MQTT keeps the order of one client's
    // messages to one topic. Throws Failure if there are more than were sent.
    void received_next(std::size_t subscriber, std::size_t publisher, Clock::time_point when);

    [[nodiscard]] std::uint64_t messages_sent() const { return sent_.size(); }
    [[nodiscard]] std::uint64_t deliveries() const { return deliveries_; }
    [[nodiscard]] std::uint64_t deliveries_expected() const { return sent_.size() * subscribers_; }
    // Deliveries in whole messages, rounded down.
    [[nodiscard]] std::uint64_t settled() const { return deliveries_ / subscribers_; }
    [[nodiscard]] bool all_received() const { return deliveries_ >= deliveries_expected(); }
    // Deliveries that came after a later one of the same publisher: out of order, or a second time.
    [[nodiscard]] std::uint64_t disordered() const { return disordered_; }
    [[nodiscard]] const reseal::tools::Latencies& latencies() const { return latencies_; }
    // Times of the last delivery of each message that reached every subscriber.
    [[nodiscard]] const reseal::tools::Latencies& last_latencies() const { return last_latencies_; }

  private:
    struct Sent {
        Clock::time_point when;
        std::size_t deliveries = 0;
    };

    void take(std::uint64_t number, Clock::time_point when);

    std::size_t publishers_;
    std::size_t subscribers_;
    std::vector<Sent> sent_;
    std::vector<std::uint64_t> next_;  // of each subscriber, by publisher: the number expected
    std::uint64_t deliveries_ = 0;
    std::uint64_t disordered_ = 0;
    reseal::tools::Latencies latencies_;
    reseal::tools::Latencies last_latencies_;
};

}  // namespace bench
