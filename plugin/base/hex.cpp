// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"

namespace reseal {

std::string hex(std::span<const std::uint8_t> bytes) {
    std::string out;
    out.reserve(2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        const std::array<char, 2> digits = hex_of(byte);
        out.append(digits.begin(), digits.end());
    }
    return out;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> out) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (text.size() != 2 * out.size() || text.find_first_not_of(digits) != std::string_view::npos) {
        return false;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(digits.find(text[2 * i]) << 4U | digits.find(text[2 * i + 1]));
    }
    return true;
}

}  // namespace reseal
