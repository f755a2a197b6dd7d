// SPDX-License-Identifier: Apache-2.0
// Bytes as hexadecimal digits, in lower case, two digits per byte.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace reseal::tools {

std::string hex(std::span<const std::uint8_t> bytes);

// Fills `out` from exactly as many digits as it takes; false for anything else, including upper case.
[[nodiscard]] bool from_hex(std::string_view text, std::span<std::uint8_t> out);

}  // namespace reseal::tools
