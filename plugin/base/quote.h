// SPDX-License-Identifier: Apache-2.0
// Text from outside as a message for people, or a line of a log, may show it. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reseal {

// `text` with control characters, bytes that are not UTF-8 and characters that hide or turn what is around them written
// as \xNN, and with "..." after about `most` bytes.
std::string printable(std::string_view text, std::size_t most = 60);

// The same between two marks, the dots behind them. A mark or a backslash in `text` is written as \xNN, too, so that
// nothing in it looks like its end.
std::string quote(std::string_view text, char mark = '\'', std::size_t most = 60);

bool has_control_character(std::string_view text);

}  // namespace reseal
