// SPDX-License-Identifier: Apache-2.0
// Placeholders in the patterns of the ACL: {id} is the principal's name, {role} the role that the pattern stands under,
// {cn} the common name of the client's certificate; any other name is an attribute of the principal. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reseal::policy {

inline constexpr std::size_t max_value = 64;  // bytes of what stands in for a placeholder

// May `value` stand in for a placeholder? 1 to 64 bytes of UTF-8, no '/', '+', '#' or NUL, no '$' in front: it can
// bring in no level and no wildcard, and name no topic of the broker's own.
bool usable_value(std::string_view value);

// A piece of a pattern: text, and the name of the placeholder behind it, empty at the end of the pattern.
struct Piece {
    std::string_view text;
    std::string_view placeholder;
};

// `pattern` taken apart; nothing if a brace has no partner or nothing is in it. Borrows `pattern`.
std::optional<std::vector<Piece>> pieces(std::string_view pattern);

// `pattern` with each placeholder replaced by what `value` makes of its name. A pattern that pieces() refuses stays.
std::string filled(std::string_view pattern, const std::function<std::string(std::string_view)>& value);

// `pattern` with {role} replaced by `role`, and every other placeholder left in.
std::string with_role(std::string_view pattern, std::string_view role);

// Names of placeholders as numbers, so that a decision compares no names.
class Slots {
  public:
    static constexpr std::uint32_t id = 0;
    static constexpr std::uint32_t cn = 1;

    // The number of `name`, a new one if it has none yet.
    std::uint32_t number(std::string_view name);
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

  private:
    std::vector<std::string> names_{"id", "cn"};
};

// What stands in for each slot, by number; empty: there is none, or it is not usable_value().
using Values = std::vector<std::string>;

// One level of a pattern with at least one placeholder in it.
class LevelTemplate {
  public:
    LevelTemplate(std::string_view level, Slots& slots);

    enum class Match : std::uint8_t { no, yes, no_value };
    // Is `level` this template with `values` filled in? no_value if a placeholder has none. Allocates nothing.
    [[nodiscard]] Match match(std::string_view level, const Values& values) const;
    // The level that matches; nothing if a placeholder has no value.
    [[nodiscard]] std::optional<std::string> text(const Values& values) const;

    bool operator==(const LevelTemplate&) const = default;

  private:
    static constexpr std::uint32_t no_slot = ~std::uint32_t{0};
    struct Part {
        std::string text;
        std::uint32_t slot = no_slot;
        bool operator==(const Part&) const = default;
    };
    [[nodiscard]] static const std::string* value_of(const Part& part, const Values& values);

    std::vector<Part> parts_;
};

}  // namespace reseal::policy
