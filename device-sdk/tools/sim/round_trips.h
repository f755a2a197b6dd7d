// How long answers took, in fixed memory: a histogram whose steps are 1/128 of what they hold.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace reseal::tools::sim {

class RoundTrips {
  public:
    using Microseconds = std::chrono::microseconds;

    // Anything from 0 to 2^40 microseconds, which is 12 days; what is longer counts as that.
    void add(Microseconds time);

    [[nodiscard]] std::uint64_t count() const { return count_; }

    // Exact. 0 if there is none.
    [[nodiscard]] Microseconds shortest() const { return shortest_; }
    [[nodiscard]] Microseconds longest() const { return longest_; }

    // The least time that at least `share` (0 to 1) of them did not exceed, to within one part in 128 above it.
    [[nodiscard]] Microseconds quantile(double share) const;

  private:
    static constexpr std::size_t steps = 128;
    static constexpr std::size_t octaves = 34;

    std::array<std::uint64_t, octaves * steps> held_{};
    std::uint64_t count_ = 0;
    Microseconds shortest_{0};
    Microseconds longest_{0};
};

}  // namespace reseal::tools::sim
