// SPDX-License-Identifier: Apache-2.0
// Bytes as hexadecimal digits, in lower case, two digits a byte.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace reseal {

// Without a table or a branch: keys are written with it, too.
constexpr std::array<char, 2> hex_of(std::uint8_t byte) {
    const auto digit = [](unsigned nibble) {
        const unsigned letter = (9U - nibble) >> 8U;  // all ones in its low bits above 9
        return static_cast<char>('0' + nibble + (letter & ('a' - '0' - 10U)));
    };
    return {digit(byte >> 4U), digit(byte & 15U)};
}

std::string hex(std::span<const std::uint8_t> bytes);

// `out` from exactly as many digits as it takes; false for anything else, upper case among it: what is compared as text
// has one form.
[[nodiscard]] bool from_hex(std::string_view text, std::span<std::uint8_t> out);

}  // namespace reseal
