// SPDX-License-Identifier: Apache-2.0
// A set of message counters, kept as ranges: consecutive counters cost nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reseal::engine {

class CounterSet {
  public:
    // Beyond this many ranges the lowest is dropped, with all its counters.
    static constexpr std::size_t most = 1024;

    void insert(std::uint32_t counter);
    void erase(std::uint32_t counter);
    [[nodiscard]] bool contains(std::uint32_t counter) const;
    [[nodiscard]] bool empty() const { return ranges_.empty(); }

  private:
    struct Range {
        std::uint32_t first = 0;
        std::uint32_t last = 0;  // inclusive
    };
    std::vector<Range> ranges_;  // ascending, with a gap between any two
};

}  // namespace reseal::engine
