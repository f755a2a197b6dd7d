// SPDX-License-Identifier: Apache-2.0
// A run's random decisions, repeatable with the same seed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <random>

#include "mqtt/packet.h"

namespace attacker {

class Dice {
  public:
    explicit Dice(std::uint64_t seed) : engine_(seed) {}

    // From 0 to end - 1. `end` is not 0.
    std::size_t below(std::size_t end) { return engine_() % end; }
    bool one_in(std::size_t many) { return below(many) == 0; }
    std::uint8_t byte() { return static_cast<std::uint8_t>(engine_()); }

    // One of `from`, which is not empty.
    template <typename Many>
    const auto& pick(const Many& from) {
        return *std::next(std::begin(from), static_cast<std::ptrdiff_t>(below(std::size(from))));
    }

    mqtt::Bytes bytes(std::size_t size) {
        mqtt::Bytes out(size);
        std::ranges::generate(out, [this] { return byte(); });
        return out;
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace attacker
