// SPDX-License-Identifier: Apache-2.0
// Base64url without padding (RFC 4648, section 5), as JOSE writes bytes. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reseal::token {

// The bytes of `text`. Nothing if it holds another character, padding, or bits after the last byte.
std::optional<std::string> from_base64url(std::string_view text);

}  // namespace reseal::token
