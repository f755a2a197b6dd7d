// SPDX-License-Identifier: Apache-2.0
// Takes values out of a document and keeps the first Fault. If a value is wrong, its getter records the Fault and still
// returns a value. So the caller reads on without checks, and result() answers at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fault.h"
#include "config/document.h"

namespace reseal::config {

// A value and its dotted key. Borrows the element.
struct Place {
    const Element* element = nullptr;
    std::string key;
};

// From `min` to `max`, and a multiple of `step`.
struct Range {
    std::uint32_t min = 0;
    std::uint32_t max = 0;
    std::uint32_t step = 1;
};

class Reader {
  public:
    explicit Reader(std::string_view file) : file_(file) {}

    [[nodiscard]] bool failed() const { return fault_.has_value(); }

    // Records that `place` is wrong: `problem` says how, `remedy` what would be right.
    void refuse(const Place& place, std::string problem, std::string remedy);
    // The same for a key, or a missing key.
    void refuse_key(int line, std::string key, std::string problem, std::string remedy);

    // Is it a map, with no keys but `known` ones? Otherwise it is refused.
    bool is_map(const Place& place, std::span<const std::string_view> known);
    // Is it of this kind? Otherwise it is refused, with `remedy`.
    bool is(const Place& place, Kind kind, std::string_view remedy);

    // The field `name` of a map, if there is one.
    static std::optional<Place> find(const Place& map, std::string_view name);
    // The same. A missing field is refused with `remedy`.
    std::optional<Place> require(const Place& map, std::string_view name, std::string_view remedy);

    // The items of a list. Anything else is refused with `remedy`.
    std::vector<Place> items(const Place& place, std::string_view remedy);
    // Text with at least one character. Anything else is refused with `remedy`.
    std::string text(const Place& place, std::string_view remedy);
    // A path, joined with the folder of the file being read.
    std::string path(const Place& place, std::string_view remedy);
    // A decimal number without sign, leading zero or quotes.
    std::uint32_t number(const Place& place, Range range);
    // The unquoted word true or false.
    bool truth(const Place& place);

    // Refuses anything but `version: 1`.
    void require_version(const Place& root);

    template <class Value>
    Checked<Value> result(Value value) const {
        return fault_ ? Checked<Value>(*fault_) : Checked<Value>(std::move(value));
    }

  private:
    std::string file_;
    std::optional<Fault> fault_;
};

}  // namespace reseal::config
