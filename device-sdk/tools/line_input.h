// SPDX-License-Identifier: Apache-2.0
// The lines of a descriptor, as they arrive.
#pragma once

#include <optional>
#include <string>

#include "tools/fault.h"

namespace reseal::tools {

class LineInput {
  public:
    explicit LineInput(int descriptor) : descriptor_(descriptor) {}

    // Reads what is there; waits if there is nothing.
    Checked<Done> read_some();

    // The next whole line, without its newline; the last line needs none. Blank lines are skipped.
    std::optional<std::string> next();

    // No more input will come. Lines may still be waiting.
    [[nodiscard]] bool ended() const { return ended_; }

    [[nodiscard]] int descriptor() const { return descriptor_; }

  private:
    std::optional<std::string> cut();

    int descriptor_;
    std::string text_;
    std::size_t at_ = 0;
    bool ended_ = false;
};

}  // namespace reseal::tools
