// SPDX-License-Identifier: Apache-2.0
// JSON that means the same to every reader. Pure.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace reseal::token {

// Parses `text` as an object. Nothing if it is not JSON (RFC 8259, in UTF-8) or not an object, has a name twice in one
// object, or is nested deeper than 8.
std::optional<nlohmann::json> parse_object(std::string_view text);

// The text under `name`. Null if there is nothing, or another kind of value.
const std::string* text_at(const nlohmann::json& object, const char* name);

}  // namespace reseal::token
