// A topic taken apart once for all comparisons of a decision. On the stack; allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "policy/levels.h"

namespace reseal::policy {

// Mosquitto takes no topic that is deeper.
inline constexpr std::size_t max_levels = 200;

// Of one level, eight bytes at a time. It picks a place in a table whose content the ACL decides, so it need not
// withstand anybody.
inline std::uint64_t hash_of(std::string_view level) {
    std::uint64_t hash = level.size();
    const auto mix = [&hash](std::uint64_t word) {
        hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
        hash ^= hash >> 32U;
    };
    while (level.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, level.data(), sizeof word);
        mix(word);
        level.remove_prefix(sizeof word);
    }
    std::uint64_t rest = 0;
    for (const char c : level) {
        rest = rest << 8U | static_cast<unsigned char>(c);
    }
    mix(rest);
    return hash;
}

class SplitTopic {
  public:
    struct Level {
        const char* begin;
        std::size_t size;
        std::uint64_t hash;

        [[nodiscard]] std::string_view text() const { return {begin, size}; }
    };

    // Borrows `topic`. Of one that is deeper than max_levels, the last levels count as one, which is not looked at.
    explicit SplitTopic(std::string_view topic) : hidden_(topic.starts_with('$')) {
        Levels levels(topic);
        while (!levels.done() && size_ < max_levels) {
            const std::string_view level = levels.next();
            levels_[size_++] = {level.data(), level.size(), hash_of(level)};
        }
        if (!levels.done()) {
            levels_[size_++] = {levels.rest().data(), levels.rest().size(), 0};
        }
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const Level& operator[](std::size_t i) const { return levels_[i]; }
    // Wildcards in the first level do not match it.
    [[nodiscard]] bool hidden() const { return hidden_; }

  private:
    // Left as it is, which a member with a constructor, such as a string_view, would not be: to fill it takes longer
    // than to decide, which reads what was written only.
    std::array<Level, max_levels + 1> levels_;
    std::size_t size_ = 0;
    bool hidden_;
};

}  // namespace reseal::policy
