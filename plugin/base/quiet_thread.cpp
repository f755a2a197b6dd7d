// SPDX-License-Identifier: Apache-2.0
#include "base/quiet_thread.h"

#include <linux/close_range.h>
#include <unistd.h>

#include <algorithm>

namespace reseal {

SignalsBlocked::SignalsBlocked() {
    sigset_t all;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() {
    (void)pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

bool own_descriptors(std::vector<int> kept) {
    kept.push_back(STDERR_FILENO);
    std::ranges::sort(kept);
    if (::close_range(static_cast<unsigned>(kept.back()) + 1, ~0U, CLOSE_RANGE_UNSHARE) != 0) {
        return false;
    }
    unsigned next = STDERR_FILENO + 1;
    for (const int each : kept) {
        const auto fd = static_cast<unsigned>(each);
        if (fd > next) {
            (void)::close_range(next, fd - 1, 0);
        }
        next = std::max(next, fd + 1);
    }
    return true;
}

}  // namespace reseal
