// SPDX-License-Identifier: Apache-2.0
// What was sent, and what may therefore arrive: each sealed text once, under its own topic.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>

#include "fuzz/attacker/dice.h"

namespace attacker {

// A promise that was broken; what() says which.
struct Finding : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Ledger {
  public:
    // Part of each text, so that it is found wherever it is stored in clear.
    static constexpr std::string_view marker = "attacker-marker-";

    // A text that was never sent before.
    std::string new_text(Dice& dice);
    // From now on it may arrive under `topic`, once.
    void sealed(std::string_view topic, std::string_view text);
    // Records what arrived at the observer; `again` if the broker says that it may have sent it before, as QoS 1
    // allows. Throws Finding.
    void arrived(std::string_view topic, std::string_view text, bool again = false);
    // Checks that it was sent under that topic. Throws Finding if not.
    void check_sent(std::string_view topic, std::string_view text) const;
    // The broker was killed. Earlier messages may come from its journal. If it died in the middle of a fan-out, they
    // may come once more when sent again, as reliability.md says.
    void killed() { ++life_; }

    [[nodiscard]] std::size_t arrivals() const { return arrivals_; }
    [[nodiscard]] std::size_t repeated() const { return repeated_; }

  private:
    struct Sent {
        std::string topic;
        std::size_t sealed_in;  // which life of the broker
        std::size_t life = 0;   // in which it arrived last
        std::size_t arrived = 0;
        std::size_t arrived_in_life = 0;
    };
    [[nodiscard]] static std::uint64_t number_of(std::string_view text);
    [[nodiscard]] const Sent& find(std::string_view topic, std::string_view text) const;

    std::unordered_map<std::uint64_t, Sent> sent_;
    std::uint64_t last_ = 0;
    std::size_t life_ = 0;
    std::size_t arrivals_ = 0;
    std::size_t repeated_ = 0;
};

}  // namespace attacker
