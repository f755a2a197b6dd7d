// SPDX-License-Identifier: Apache-2.0
// Topics that the plugin keeps for itself, whatever acl.yaml says: under "$reseal/ID/key" a new key travels to the
// principal ID, under "$reseal/ID/ack" what was accepted of it. No wildcard in a filter's first level matches them.
#pragma once

#include <string>
#include <string_view>

namespace reseal::policy {

inline constexpr std::string_view reserved_level = "$reseal";
inline constexpr std::string_view key_level = "/key";
inline constexpr std::string_view ack_level = "/ack";

// Does the topic, or every topic that the filter matches, belong to the plugin?
[[nodiscard]] inline bool reserved(std::string_view topic) {
    return topic.starts_with(reserved_level) &&
           (topic.size() == reserved_level.size() || topic[reserved_level.size()] == '/');
}

// The topic of a principal that ends with `level`.
[[nodiscard]] inline std::string own_topic(std::string_view principal, std::string_view level) {
    return std::string(reserved_level).append("/").append(principal).append(level);
}
[[nodiscard]] inline bool is_own_topic(std::string_view topic, std::string_view principal, std::string_view level) {
    const std::size_t before = reserved_level.size() + 1;
    return topic.size() == before + principal.size() + level.size() && reserved(topic) &&
           topic.substr(before, principal.size()) == principal && topic.ends_with(level);
}

[[nodiscard]] inline std::string key_topic(std::string_view principal) {
    return own_topic(principal, key_level);
}
[[nodiscard]] inline bool is_key_topic(std::string_view topic, std::string_view principal) {
    return is_own_topic(topic, principal, key_level);
}

[[nodiscard]] inline std::string ack_topic(std::string_view principal) {
    return own_topic(principal, ack_level);
}
[[nodiscard]] inline bool is_ack_topic(std::string_view topic, std::string_view principal) {
    return is_own_topic(topic, principal, ack_level);
}

}  // namespace reseal::policy
