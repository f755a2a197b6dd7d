// JSON that means the same to every reader. Pure.
#pragma once

#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace reseal::token {

// The object that `text` is; nothing if it is no JSON (RFC 8259, in UTF-8), no object, has a name twice in one object
// or is nested deeper than 8.
std::optional<nlohmann::json> parse_object(std::string_view text);

// The text under `name`; null if nothing, or something else, stands there.
const std::string* text_at(const nlohmann::json& object, const char* name);

}  // namespace reseal::token
