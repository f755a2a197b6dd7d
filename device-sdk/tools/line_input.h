// The lines of a descriptor, as they come.
#pragma once

#include <optional>
#include <string>

namespace reseal::tools {

class LineInput {
  public:
    explicit LineInput(int descriptor) : descriptor_(descriptor) {}

    // Takes what is there; waits if nothing is. Throws Failure.
    void read_some();

    // The next whole line, without its newline; the last one needs none. Blank lines are left out.
    std::optional<std::string> next();

    // Nothing will come any more. Lines may still be waiting.
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
