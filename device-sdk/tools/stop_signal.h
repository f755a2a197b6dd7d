// SPDX-License-Identifier: Apache-2.0
// SIGINT and SIGTERM as something to wait for, so that a tool ends its connection cleanly.
#pragma once

#include <memory>

#include "tools/fault.h"

namespace reseal::tools {

// One at a time: it holds the process's handlers for its lifetime. Blocking calls are interrupted, not restarted.
class StopSignal {
  public:
    static Checked<std::unique_ptr<StopSignal>> install();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    [[nodiscard]] bool requested() const;

    // For poll: readable from the first signal on. Nothing reads it.
    [[nodiscard]] int descriptor() const;

  private:
    StopSignal() = default;
};

}  // namespace reseal::tools
