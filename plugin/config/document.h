// SPDX-License-Identifier: Apache-2.0
// One YAML document: bytes in, a tree with line numbers out. Takes only the part of YAML that a configuration needs: no
// anchors, aliases, tags or directives, no repeated keys, bounded in size and depth. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"

namespace reseal::config {

// Deeper than any file of ours needs to be.
inline constexpr std::size_t max_depth = 8;

enum class Kind : std::uint8_t { null, scalar, list, map };

struct Field;

struct Element {
    Kind kind = Kind::null;
    int line = 0;
    bool plain = false;          // scalar: written without quotes
    std::string text;            // scalar; UTF-8 with any character, even NUL, by YAML's escapes
    std::vector<Element> items;  // list
    std::vector<Field> fields;   // map, in the order of the file; names are unique
};

struct Field {
    std::string name;
    int line = 0;
    Element value;
};

// The dotted key of a field or an item of the element with the dotted key `parent`.
std::string field_key(std::string_view parent, std::string_view name);
std::string item_key(std::string_view parent, std::size_t index);

// The document's root, or a Fault of the YAML as such. `max_size` in bytes. Throws nothing but std::bad_alloc.
Checked<Element> parse_document(std::string_view yaml, std::string_view file, std::size_t max_size);

}  // namespace reseal::config
