// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>

#include "base/nearest.h"
#include "base/quote.h"

namespace reseal::config {
namespace {

std::string problem_of(const Element& element, Kind wanted) {
    switch (element.kind) {
        case Kind::null:
            return "the value is missing";
        case Kind::scalar:
            return quote(element.text) + (wanted == Kind::list ? " is not a list" : " is not a map");
        case Kind::list:
            return "this is a list";
        case Kind::map:
            return "this is a map";
    }
    return "this is wrong";
}

std::string joined(std::span<const std::string_view> words) {
    std::string out;
    for (const std::string_view word : words) {
        out += (out.empty() ? "" : ", ") + std::string(word);
    }
    return out;
}

std::string unknown_key_remedy(std::string_view name, std::span<const std::string_view> known) {
    const std::string_view meant = nearest(name, known);
    return meant.empty() ? "the keys here are " + joined(known) : "did you mean " + quote(meant) + "?";
}

// The number. Above all ranges if it is too big for its type.
std::optional<std::uint64_t> decimal(const Element& element) {
    const std::string& text = element.text;
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    if (!element.plain || !digits || (text.size() > 1 && text[0] == '0')) {
        return std::nullopt;
    }
    std::uint64_t number = std::numeric_limits<std::uint64_t>::max();
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::string remedy_of(Range range) {
    const std::string kind = range.step == 1 ? "a number" : "a multiple of " + std::to_string(range.step);
    return "write " + kind + " from " + std::to_string(range.min) + " to " + std::to_string(range.max);
}

// What is wrong with `number`. Empty if nothing is.
std::string problem_of(std::optional<std::uint64_t> number, Range range) {
    if (!number) {
        return "is not a plain decimal number";
    }
    if (*number < range.min || *number > range.max) {
        return "is out of range";
    }
    return *number % range.step == 0 ? "" : "is not a multiple of " + std::to_string(range.step);
}

}  // namespace

void Reader::refuse_key(int line, std::string key, std::string problem, std::string remedy) {
    if (!fault_) {
        fault_ = Fault{file_, line, std::move(key), std::move(problem), std::move(remedy)};
    }
}

void Reader::refuse(const Place& place, std::string problem, std::string remedy) {
    refuse_key(place.element->line, place.key, std::move(problem), std::move(remedy));
}

bool Reader::is(const Place& place, Kind kind, std::string_view remedy) {
    if (place.element->kind != kind) {
        refuse(place, problem_of(*place.element, kind), std::string(remedy));
        return false;
    }
    return true;
}

bool Reader::is_map(const Place& place, std::span<const std::string_view> known) {
    if (!is(place, Kind::map, "write KEY: VALUE, with the keys " + joined(known))) {
        return false;
    }
    const auto& fields = place.element->fields;
    const auto unknown = std::find_if(fields.begin(), fields.end(), [&](const Field& field) {
        return std::find(known.begin(), known.end(), field.name) == known.end();
    });
    if (unknown == fields.end()) {
        return true;
    }
    refuse_key(unknown->line, place.key, quote(unknown->name) + " is not a known key",
               unknown_key_remedy(unknown->name, known));
    return false;
}

std::optional<Place> Reader::find(const Place& map, std::string_view name) {
    for (const Field& field : map.element->fields) {
        if (field.name == name) {
            return Place{&field.value, field_key(map.key, name)};
        }
    }
    return std::nullopt;
}

std::optional<Place> Reader::require(const Place& map, std::string_view name, std::string_view remedy) {
    std::optional<Place> found = find(map, name);
    if (!found) {
        refuse_key(map.key.empty() ? 0 : map.element->line, field_key(map.key, name), "the key is missing",
                   std::string(remedy));
    }
    return found;
}

std::vector<Place> Reader::items(const Place& place, std::string_view remedy) {
    std::vector<Place> out;
    if (is(place, Kind::list, remedy)) {
        for (const Element& item : place.element->items) {
            out.push_back({&item, item_key(place.key, out.size())});
        }
    }
    return out;
}

std::string Reader::text(const Place& place, std::string_view remedy) {
    if (!is(place, Kind::scalar, remedy)) {
        return {};
    }
    if (place.element->text.empty()) {
        refuse(place, "the text is empty", std::string(remedy));
    }
    return place.element->text;
}

std::string Reader::path(const Place& place, std::string_view remedy) {
    const std::string path = text(place, remedy);
    if (has_control_character(path)) {
        refuse(place, quote(path) + " is not a path", "leave the control characters out");
    }
    return (std::filesystem::path(file_).parent_path() / path).string();
}

std::uint32_t Reader::number(const Place& place, Range range) {
    if (!is(place, Kind::scalar, remedy_of(range))) {
        return {};
    }
    const std::optional<std::uint64_t> number = decimal(*place.element);
    if (const std::string problem = problem_of(number, range); !problem.empty()) {
        refuse(place, quote(place.element->text) + " " + problem, remedy_of(range));
        return {};
    }
    return static_cast<std::uint32_t>(*number);
}

bool Reader::truth(const Place& place) {
    constexpr std::string_view remedy = "write true or false, without quotes";
    if (!is(place, Kind::scalar, remedy)) {
        return {};
    }
    const std::string& text = place.element->text;
    if (!place.element->plain || (text != "true" && text != "false")) {
        refuse(place, quote(text) + " is neither true nor false", std::string(remedy));
    }
    return text == "true";
}

void Reader::require_version(const Place& root) {
    constexpr std::string_view remedy = "write version: 1";
    const std::optional<Place> version = require(root, "version", remedy);
    if (version && is(*version, Kind::scalar, remedy) && decimal(*version->element) != std::uint64_t{1}) {
        refuse(*version, quote(version->element->text) + " is not a version that this program knows",
               std::string(remedy));
    }
}

}  // namespace reseal::config
