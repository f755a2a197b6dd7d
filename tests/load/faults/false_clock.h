// The wall clock of a broker, set while it runs. libfaketime stands between the process and the kernel's clock; the
// clock that only counts on is left alone.
#pragma once

#include <string>
#include <vector>

namespace faults {

class FalseClock {
  public:
    // `path` names the file by which the process is told; it is made, and says the right time.
    explicit FalseClock(std::string path);

    // Whether the library is there (Debian: libfaketime).
    static bool available();
    // What stands before the program on the command line.
    [[nodiscard]] std::vector<std::string> before() const;
    // From now on the clock is ahead by so many seconds; a negative number puts it back.
    void set(long seconds) const;

  private:
    std::string path_;
};

}  // namespace faults
