// SPDX-License-Identifier: Apache-2.0
#include "audit/json_text.h"

#include <array>
#include <cstdint>
#include <cstdio>

#include "base/utf8.h"

namespace reseal::audit {
namespace {

void append_unit(std::string& out, std::uint32_t unit) {
    std::array<char, 16> text{};
    (void)std::snprintf(text.data(), text.size(), "\\u%04x", static_cast<unsigned>(unit));
    out += text.data();
}

// In UTF-16, as JSON's escapes require.
void append_code_point(std::string& out, std::uint32_t code) {
    if (code < 0x10000) {
        append_unit(out, code);
        return;
    }
    append_unit(out, 0xd800 + ((code - 0x10000) >> 10U));
    append_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ffU));
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        const char c = text[0];
        if (length == 0) {
            out += "\\ufffd";
        } else if (length > 1 || c < ' ' || c == 0x7f) {
            append_code_point(out, utf8_character(text.substr(0, length)));
        } else {
            out += c == '"' || c == '\\' ? "\\" : "";
            out += c;
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
}

}  // namespace

void append_json(std::string& out, std::string_view field, std::string_view text, bool cut) {
    if (text.empty()) {
        return;
    }
    out += out.ends_with('{') ? "\"" : ",\"";
    out.append(field).append("\":\"");
    append_escaped(out, text);
    out += cut ? "\\u2026\"" : "\"";
}

}  // namespace reseal::audit
