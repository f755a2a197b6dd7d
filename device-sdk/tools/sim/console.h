// SPDX-License-Identifier: Apache-2.0
// stderr: notices, of which many devices may produce many at once, and a progress line that stays last.
#pragma once

#include <cstdint>
#include <string>

namespace reseal::tools::sim {

class Console {
  public:
    // `terminal`: the progress line is overwritten; otherwise each one is a new line.
    explicit Console(bool terminal) : terminal_(terminal) {}
    ~Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    // A line for people, after the program's name. Beyond ten a second they are only counted.
    void notice(const std::string& text);

    // Lines that are never omitted.
    void print(const std::string& text);

    void progress(const std::string& line);

    // Call once a second. Says how many notices were omitted.
    void tick();

  private:
    void write_line(const std::string& line);

    static constexpr std::uint64_t notices_max = 10;

    bool terminal_;
    std::string progress_;  // the text of the last line
    std::uint64_t notices_ = 0;
};

}  // namespace reseal::tools::sim
