// The wall clock of one program, which a test sets while the program runs (libfaketime). Its steady clocks are real.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace harness {

class WallClock {
  public:
    // Shows the right time. `path` is a file that this writes.
    explicit WallClock(std::string path);

    // Before the command line of a program that is to run under this clock.
    [[nodiscard]] std::vector<std::string> command() const;

    // From now on it is wrong by that much.
    void set(std::chrono::seconds wrong_by) const;

  private:
    std::string path_;
};

}  // namespace harness
