// SPDX-License-Identifier: Apache-2.0
// How long to wait before the next attempt to connect: half a second, doubled each time, at most ten seconds.
#pragma once

#include <algorithm>
#include <chrono>

namespace reseal::tools {

class Backoff {
  public:
    std::chrono::milliseconds next() {
        const auto now = wait_;
        wait_ = std::min(wait_ * 2, longest);
        return now;
    }

    void reset() { wait_ = first; }

  private:
    static constexpr std::chrono::milliseconds first{500};
    static constexpr std::chrono::milliseconds longest{10'000};

    std::chrono::milliseconds wait_ = first;
};

}  // namespace reseal::tools
