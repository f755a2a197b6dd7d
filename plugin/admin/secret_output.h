// SPDX-License-Identifier: Apache-2.0
// Secrets on their way out of the program.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "admin/secret_text.h"
#include "base/fault.h"

namespace reseal::admin {

inline constexpr std::size_t enough_for_any_format = 4096;

// As in base/hex.h.
void append_hex(SecretText& out, std::span<const std::uint8_t> bytes);

// "{0x01, 0x02}".
void append_c_bytes(SecretText& out, std::span<const std::uint8_t> bytes);

// Writes to a file of mode 0600, which is replaced. If `output` is empty, writes to standard output.
Checked<Done> hand_out(const SecretText& text, const std::string& output);

}  // namespace reseal::admin
