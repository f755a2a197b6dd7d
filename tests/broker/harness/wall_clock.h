// SPDX-License-Identifier: Apache-2.0
// The wall clock of one program, which a test sets while the program runs (clock_shim.c). Its other clocks are right.
#pragma once

#include <chrono>
#include <string>

namespace harness {

class WallClock {
  public:
    // Shows the right time. `path` is a file that this writes.
    explicit WallClock(std::string path);

    // The library that a program under this clock loads first, and its environment variable.
    static std::string library();
    [[nodiscard]] std::string environment() const;

    // Makes it wrong by that much from now on.
    void set(std::chrono::seconds wrong_by) const;

  private:
    std::string path_;
};

}  // namespace harness
