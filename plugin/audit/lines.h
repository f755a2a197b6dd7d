// The lines of a file of the audit trail, one after the other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/fault.h"

namespace reseal::audit {

class Lines {
  public:
    // Fault: missing, not readable, not a regular file.
    static Checked<Lines> open(const std::string& path);

    // The next line without its line break; false at the end. Of a line that is longer than any of a trail, only as
    // much as shows that. Fault: the file cannot be read.
    Checked<bool> next(std::string& line);

    // Had the line that next() gave no line break? Then it is the last one, as a crash leaves it.
    [[nodiscard]] bool half() const { return half_; }

  private:
    Lines(std::string path, Descriptor file);
    Checked<bool> fill();

    std::string path_;
    Descriptor file_;
    std::vector<char> buffer_;
    std::size_t at_ = 0;    // what is unread in the buffer
    std::size_t size_ = 0;  // what is in it
    bool half_ = false;
};

}  // namespace reseal::audit
