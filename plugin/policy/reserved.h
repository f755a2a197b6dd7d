// Topics that the plugin keeps for itself, whatever acl.yaml says: under "$reseal/ID/key" a new key travels to the
// principal ID. No wildcard in a filter's first level matches them.
#pragma once

#include <string>
#include <string_view>

namespace reseal::policy {

inline constexpr std::string_view reserved_level = "$reseal";
inline constexpr std::string_view key_level = "/key";

// Does the topic, or every topic that the filter matches, belong to the plugin?
[[nodiscard]] inline bool reserved(std::string_view topic) {
    return topic.starts_with(reserved_level) &&
           (topic.size() == reserved_level.size() || topic[reserved_level.size()] == '/');
}

[[nodiscard]] inline std::string key_topic(std::string_view principal) {
    return std::string(reserved_level).append("/").append(principal).append(key_level);
}

[[nodiscard]] inline bool is_key_topic(std::string_view topic, std::string_view principal) {
    const std::size_t before = reserved_level.size() + 1;
    return topic.size() == before + principal.size() + key_level.size() && reserved(topic) &&
           topic.substr(before, principal.size()) == principal && topic.ends_with(key_level);
}

}  // namespace reseal::policy
