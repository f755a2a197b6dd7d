// SPDX-License-Identifier: Apache-2.0
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

    // The next line without its line break. False at the end. Of a line that is too long for a trail, it gives only
    // enough to show that. Fault: the file cannot be read.
    Checked<bool> next(std::string& line);

    // Did the line from next() have no line break? Then it is the last line, cut short by a crash.
    [[nodiscard]] bool half() const { return half_; }

  private:
    Lines(std::string path, Descriptor file);
    Checked<bool> fill();

    std::string path_;
    Descriptor file_;
    std::vector<char> buffer_;
    std::size_t at_ = 0;    // where the unread bytes of the buffer begin
    std::size_t size_ = 0;  // bytes in the buffer
    bool half_ = false;
};

}  // namespace reseal::audit
