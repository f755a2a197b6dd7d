// Foreign text as a message for people may show it. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace reseal::config {

// `text` with control characters, bytes that are no UTF-8 and characters that hide or turn what is around them written
// as \xNN, and with "..." after about 60 bytes.
std::string printable(std::string_view text);

// The same between single quotes.
std::string quote(std::string_view text);

bool has_control_character(std::string_view text);

// The one of `known` that `word` was probably meant to be; empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace reseal::config
