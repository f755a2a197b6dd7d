// SPDX-License-Identifier: Apache-2.0
// The hash of the project's tables. For what nobody can choose in order to collide: names, keys and certificates that
// the registry holds, levels of topics that the ACL names.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace reseal {

// `hash` of what came before, and of `word`.
constexpr std::uint64_t hash_with(std::uint64_t hash, std::uint64_t word) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
    return hash ^ (hash >> 32U);
}

// Eight bytes at a time.
inline std::uint64_t hash_of(std::span<const std::uint8_t> bytes) {
    std::uint64_t hash = bytes.size();
    while (bytes.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), sizeof word);
        hash = hash_with(hash, word);
        bytes = bytes.subspan(sizeof word);
    }
    std::uint64_t rest = 0;
    for (const std::uint8_t byte : bytes) {
        rest = rest << 8U | byte;
    }
    return hash_with(hash, rest);
}

inline std::uint64_t hash_of(std::string_view text) {
    return hash_of({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});  // NOLINT(*-reinterpret-cast)
}

}  // namespace reseal
