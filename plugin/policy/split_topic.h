// A topic taken apart once for all comparisons of a decision. On the stack; allocates nothing.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace reseal::policy {

// Mosquitto takes no topic that is deeper.
inline constexpr std::size_t max_levels = 200;

// FNV-1a.
constexpr std::uint64_t hash_start = 0xcbf29ce484222325U;
constexpr std::uint64_t hash_step(std::uint64_t hash, char c) {
    return (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
}
constexpr std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = hash_start;
    for (const char c : text) {
        hash = hash_step(hash, c);
    }
    return hash;
}

class SplitTopic {
  public:
    struct Level {
        std::string_view text;
        std::uint64_t hash;
    };

    // Borrows `topic`. Of one that is deeper than max_levels, the last levels count as one, which is not looked at.
    explicit SplitTopic(std::string_view topic) : hidden_(topic.starts_with('$')) {
        std::size_t begin = 0;
        std::uint64_t hash = hash_start;
        for (std::size_t i = 0; i < topic.size(); ++i) {
            if (topic[i] != '/') {
                hash = hash_step(hash, topic[i]);
                continue;
            }
            levels_[size_++] = {topic.substr(begin, i - begin), hash};
            if (size_ == max_levels) {
                begin = topic.size();
                break;
            }
            begin = i + 1;
            hash = hash_start;
        }
        levels_[size_++] = {topic.substr(begin), hash};
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] const Level& operator[](std::size_t i) const { return levels_[i]; }
    // Wildcards in the first level do not match it.
    [[nodiscard]] bool hidden() const { return hidden_; }

  private:
    // Left as it is: a decision reads what was written only.
    std::array<Level, max_levels + 1> levels_;
    std::size_t size_ = 0;
    bool hidden_;
};

}  // namespace reseal::policy
