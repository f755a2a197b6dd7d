// SPDX-License-Identifier: Apache-2.0
// How long things took, in fixed memory: a histogram whose steps are 1/128 of their value.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

namespace reseal::tools {

class Latencies {
  public:
    using Nanoseconds = std::chrono::nanoseconds;

    // Anything from 0 to 2^50 nanoseconds, which is 13 days; longer times count as that.
    void add(Nanoseconds time);

    [[nodiscard]] std::uint64_t count() const { return count_; }

    // Exact. 0 if there is none.
    [[nodiscard]] Nanoseconds shortest() const { return shortest_; }
    [[nodiscard]] Nanoseconds longest() const { return longest_; }

    // The shortest time that at least `share` (0 to 1) of them did not exceed, at most one part in 128 too high.
    [[nodiscard]] Nanoseconds quantile(double share) const;

    // The histogram, from the shortest on, without its empty steps.
    struct Step {
        Nanoseconds longest;  // that the step takes
        std::uint64_t count;
    };
    [[nodiscard]] std::vector<Step> steps() const;

  private:
    static constexpr std::size_t steps_of_octave = 128;
    static constexpr std::size_t octaves = 44;

    std::array<std::uint64_t, octaves * steps_of_octave> held_{};
    std::uint64_t count_ = 0;
    Nanoseconds shortest_{0};
    Nanoseconds longest_{0};
};

}  // namespace reseal::tools
