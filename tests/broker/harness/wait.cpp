// SPDX-License-Identifier: Apache-2.0
#include "harness/wait.h"

#include <thread>

namespace harness {

bool eventually(const std::function<bool()>& condition, Milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) {
            return false;
        }
        std::this_thread::sleep_for(Milliseconds(10));
    }
    return true;
}

}  // namespace harness
