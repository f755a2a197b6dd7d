// SPDX-License-Identifier: Apache-2.0
// Avoids cache misses: with a thousand clients, what their deliveries need exceeds the processor's near caches.
#pragma once

#include <cstddef>

namespace reseal {

inline constexpr std::size_t cache_line = 64;  // bytes

// Prefetches the first `lines` cache lines of an object, without waiting. The object may be null or gone.
inline void fetch(const void* object, std::size_t lines) {
    const auto* from = static_cast<const std::byte*>(object);
    for (std::size_t i = 0; i < lines; ++i) {
        __builtin_prefetch(from + i * cache_line);
    }
}

}  // namespace reseal
