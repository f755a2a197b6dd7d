// The wall clock of one program, which a test sets while the program runs (clock_shim.c). Its other clocks are right.
#pragma once

#include <chrono>
#include <string>

namespace harness {

class WallClock {
  public:
    // Shows the right time. `path` is a file that this writes.
    explicit WallClock(std::string path);

    // The library that a program under this clock loads first, and what stands in its environment.
    static std::string library();
    [[nodiscard]] std::string environment() const;

    // From now on it is wrong by that much.
    void set(std::chrono::seconds wrong_by) const;

  private:
    std::string path_;
};

}  // namespace harness
