// SPDX-License-Identifier: Apache-2.0
// Waiting for something that happens by itself.
#pragma once

#include <chrono>
#include <functional>

namespace harness {

using Milliseconds = std::chrono::milliseconds;

// Long compared with anything that tests wait for, even on a busy machine: only a failure takes this long.
inline constexpr Milliseconds patience{30000};

// Polls until `condition` holds; false if it does not within `limit`.
bool eventually(const std::function<bool()>& condition, Milliseconds limit = patience);

}  // namespace harness
