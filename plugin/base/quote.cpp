// SPDX-License-Identifier: Apache-2.0
#include "base/quote.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "base/utf8.h"

namespace reseal {
namespace {

// Control characters, line and paragraph separators, zero-width and direction marks.
bool deceives(char32_t c) {
    return c < 0x20 || (0x7F <= c && c <= 0x9F) || (0x200B <= c && c <= 0x200F) || (0x2028 <= c && c <= 0x202E) ||
           (0x2060 <= c && c <= 0x206F) || c == 0xFEFF;
}

void append_escaped(std::string& out, std::string_view bytes) {
    for (const char c : bytes) {
        const std::array<char, 2> digits = hex_of(static_cast<std::uint8_t>(c));
        out.append("\\x").append(digits.data(), digits.size());
    }
}

// Appends about `most` bytes, with what is in `marks` escaped, too; what follows if that was not all.
std::string_view append_shown(std::string& out, std::string_view text, std::size_t most, std::string_view marks) {
    const std::size_t end = out.size() + most;
    while (!text.empty()) {
        if (out.size() >= end) {
            return "...";
        }
        const std::size_t length = utf8_sequence(text);
        const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
        if (length == 0 || deceives(utf8_character(sequence)) || marks.find(sequence) != std::string_view::npos) {
            append_escaped(out, sequence);
        } else {
            out += sequence;
        }
        text.remove_prefix(sequence.size());
    }
    return {};
}

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
    std::string out;
    out += append_shown(out, text, most, {});
    return out;
}

std::string quote(std::string_view text, char mark, std::size_t most) {
    const std::array<char, 2> marks{mark, '\\'};
    std::string out(1, mark);
    const std::string_view rest = append_shown(out, text, most, {marks.data(), marks.size()});
    out += mark;
    out += rest;
    return out;
}

bool has_control_character(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return (0 <= c && c < ' ') || c == 0x7F; });
}

}  // namespace reseal
