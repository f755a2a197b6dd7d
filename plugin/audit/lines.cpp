// SPDX-License-Identifier: Apache-2.0
#include "audit/lines.h"

#include <unistd.h>

#include <algorithm>

#include "audit/line.h"
#include "base/fault.h"
#include "base/regular_file.h"

namespace reseal::audit {

Lines::Lines(std::string path, Descriptor file)
    : path_(std::move(path)), file_(std::move(file)), buffer_(std::size_t{1} << 16U) {}

Checked<Lines> Lines::open(const std::string& path) {
    auto file = open_own(path, O_RDONLY);
    return file ? Checked<Lines>(Lines(path, std::move(*file))) : file.error();
}

// False at the end of the file.
Checked<bool> Lines::fill() {
    const ssize_t size = ::read(file_.get(), buffer_.data(), buffer_.size());
    if (size < 0) {
        return system_fault(path_, "reading it", "check the disk");
    }
    at_ = 0;
    size_ = static_cast<std::size_t>(size);
    return size > 0;
}

Checked<bool> Lines::next(std::string& line) {
    line.clear();
    half_ = false;
    bool any = false;
    while (true) {
        if (at_ == size_) {
            const auto more = fill();
            if (!more || !*more) {
                half_ = any;
                return more ? Checked<bool>(any) : more;
            }
        }
        any = true;
        const char* const begin = buffer_.data() + at_;
        const char* const end = buffer_.data() + size_;
        const char* const found = std::find(begin, end, '\n');
        const auto part = static_cast<std::size_t>(found - begin);
        line.append(begin, std::min(part, line_most + 1 - std::min(line.size(), line_most + 1)));
        at_ += part + (found == end ? 0 : 1);
        if (found != end) {
            return true;
        }
    }
}

}  // namespace reseal::audit
