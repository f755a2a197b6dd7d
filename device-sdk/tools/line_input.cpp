// SPDX-License-Identifier: Apache-2.0
#include "tools/line_input.h"

#include <unistd.h>

#include <array>
#include <cerrno>

namespace reseal::tools {

Checked<Done> LineInput::read_some() {
    std::array<char, 65536> block{};
    const ssize_t got = read(descriptor_, block.data(), block.size());
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
        return system_fault("stdin", "cannot be read");
    }
    ended_ = got == 0;
    text_.erase(0, at_);
    at_ = 0;
    text_.append(block.data(), got < 0 ? 0 : static_cast<std::size_t>(got));
    return Done{};
}

std::optional<std::string> LineInput::cut() {
    const std::size_t end = text_.find('\n', at_);
    if (end == std::string::npos && (!ended_ || at_ == text_.size())) {
        return std::nullopt;
    }
    const std::size_t length = end == std::string::npos ? std::string::npos : end - at_;
    std::string line = text_.substr(at_, length);
    at_ = end == std::string::npos ? text_.size() : end + 1;
    return line;
}

std::optional<std::string> LineInput::next() {
    std::optional<std::string> line = cut();
    while (line && line->empty()) {
        line = cut();
    }
    return line;
}

}  // namespace reseal::tools
