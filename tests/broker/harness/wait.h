// Waiting for what comes about by itself.
#pragma once

#include <chrono>
#include <functional>

namespace harness {

using Milliseconds = std::chrono::milliseconds;

// Long against all that is waited for, also on a machine that is busy with much else: only a failure takes so long.
inline constexpr Milliseconds patience{30000};

// Asks until `condition` holds; false if it does not within `limit`.
bool eventually(const std::function<bool()>& condition, Milliseconds limit = patience);

}  // namespace harness
