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

// UTF-16, as JSON's escapes have it.
void append_code_point(std::string& out, std::uint32_t code) {
    if (code < 0x10000) {
        append_unit(out, code);
        return;
    }
    append_unit(out, 0xd800 + ((code - 0x10000) >> 10U));
    append_unit(out, 0xdc00 + ((code - 0x10000) & 0x3ffU));
}

std::uint32_t code_point(std::string_view sequence) {
    constexpr std::array<std::uint32_t, 5> first_bits{0, 0x7f, 0x1f, 0x0f, 0x07};
    std::uint32_t out = static_cast<std::uint8_t>(sequence[0]) & first_bits.at(sequence.size());
    for (const char c : sequence.substr(1)) {
        out = out << 6U | (static_cast<std::uint8_t>(c) & 0x3fU);
    }
    return out;
}

void append_escaped(std::string& out, std::string_view text) {
    while (!text.empty()) {
        const std::size_t length = utf8_sequence(text);
        const char c = text[0];
        if (length == 0) {
            out += "\\ufffd";
        } else if (length > 1 || c < ' ' || c == 0x7f) {
            append_code_point(out, code_point(text.substr(0, length)));
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
