// SPDX-License-Identifier: Apache-2.0
#include "policy/placeholder.h"

#include <algorithm>

#include "base/utf8.h"

namespace reseal::policy {

bool usable_value(std::string_view value) {
    constexpr std::string_view forbidden("/+#\0", 4);
    return !value.empty() && value.size() <= max_value && value.front() != '$' &&
           value.find_first_of(forbidden) == std::string_view::npos && valid_utf8(value);
}

std::optional<std::vector<Piece>> pieces(std::string_view pattern) {
    std::vector<Piece> out;
    while (true) {
        const std::size_t open = pattern.find_first_of("{}");
        if (open == std::string_view::npos) {
            out.push_back({.text = pattern, .placeholder = {}});
            return out;
        }
        const std::size_t close = pattern.find_first_of("{}/", open + 1);
        if (pattern[open] != '{' || close == std::string_view::npos || pattern[close] != '}' || close == open + 1) {
            return std::nullopt;
        }
        out.push_back({.text = pattern.substr(0, open), .placeholder = pattern.substr(open + 1, close - open - 1)});
        pattern.remove_prefix(close + 1);
    }
}

std::string filled(std::string_view pattern, const std::function<std::string(std::string_view)>& value) {
    const auto parts = pieces(pattern);
    if (!parts) {
        return std::string(pattern);
    }
    std::string out;
    for (const Piece& piece : *parts) {
        out += piece.text;
        if (!piece.placeholder.empty()) {
            out += value(piece.placeholder);
        }
    }
    return out;
}

std::string with_role(std::string_view pattern, std::string_view role) {
    return filled(pattern, [role](std::string_view name) {
        return name == "role" ? std::string(role) : "{" + std::string(name) + "}";
    });
}

std::uint32_t Slots::number(std::string_view name) {
    const auto known = std::ranges::find(names_, name);
    const auto number = static_cast<std::uint32_t>(known - names_.begin());
    if (known == names_.end()) {
        names_.emplace_back(name);
    }
    return number;
}

LevelTemplate::LevelTemplate(std::string_view level, Slots& slots) {
    for (const Piece& piece : pieces(level).value_or(std::vector<Piece>())) {
        parts_.push_back({.text = std::string(piece.text),
                          .slot = piece.placeholder.empty() ? no_slot : slots.number(piece.placeholder)});
    }
}

// The value of the part's placeholder; null if it has none.
const std::string* LevelTemplate::value_of(const Part& part, const Values& values) {
    static const std::string nothing;
    if (part.slot == no_slot) {
        return &nothing;
    }
    return part.slot < values.size() && !values[part.slot].empty() ? &values[part.slot] : nullptr;
}

LevelTemplate::Match LevelTemplate::match(std::string_view level, const Values& values) const {
    bool same = true;
    for (const Part& part : parts_) {
        const std::string* value = value_of(part, values);
        if (value == nullptr) {
            return Match::no_value;
        }
        for (const std::string_view text : {std::string_view(part.text), std::string_view(*value)}) {
            same = same && level.starts_with(text);
            level.remove_prefix(same ? text.size() : 0);
        }
    }
    return same && level.empty() ? Match::yes : Match::no;
}

std::optional<std::string> LevelTemplate::text(const Values& values) const {
    std::string out;
    for (const Part& part : parts_) {
        const std::string* value = value_of(part, values);
        if (value == nullptr) {
            return std::nullopt;
        }
        out.append(part.text).append(*value);
    }
    return out;
}

}  // namespace reseal::policy
