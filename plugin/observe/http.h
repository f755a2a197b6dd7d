// SPDX-License-Identifier: Apache-2.0
// HTTP as far as GET /metrics needs it: what is answered, and one connection that never waits.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "observe/metrics.h"

namespace reseal::observe {

using Clock = std::chrono::steady_clock;

// The whole answer to a whole request: the head up to its empty line.
std::string http_answer(std::string_view request, const Metrics& metrics);

// One request and its answer over a socket that does not block.
class HttpConnection {
  public:
    // Whoever has it closes it at `deadline`.
    HttpConnection(Descriptor socket, Clock::time_point deadline);

    [[nodiscard]] int descriptor() const { return socket_.get(); }
    [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
    // What to poll for.
    [[nodiscard]] short events() const;

    // Reads and writes as much as can be done at once. False once there is nothing more to do: close it.
    bool step(const Metrics& metrics);

  private:
    bool read(const Metrics& metrics);
    bool write();

    Descriptor socket_;
    Clock::time_point deadline_;
    std::string request_;
    std::string answer_;  // empty until the request is there
    std::size_t sent_ = 0;
};

}  // namespace reseal::observe
