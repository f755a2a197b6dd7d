// SPDX-License-Identifier: Apache-2.0
// Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate, nothing above U+10FFFF. Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace reseal {

// The length in bytes, 1 to 4, of the well-formed sequence that `text` begins with; 0 if it begins with none.
std::size_t utf8_sequence(std::string_view text);

// The character that a well-formed `sequence` of that length stands for.
char32_t utf8_character(std::string_view sequence);

bool valid_utf8(std::string_view text);

}  // namespace reseal
