// SPDX-License-Identifier: Apache-2.0
#include "harness/wall_clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <utility>

namespace harness {

WallClock::WallClock(std::string path) : path_(std::move(path)) {
    set(std::chrono::seconds(0));
}

std::string WallClock::library() {
    return RESEAL_CLOCK_SHIM;
}

std::string WallClock::environment() const {
    return "RESEAL_TEST_CLOCK=" + path_;
}

void WallClock::set(std::chrono::seconds wrong_by) const {
    const std::int64_t seconds = wrong_by.count();
    const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const bool written = file >= 0 && ::pwrite(file, &seconds, sizeof seconds, 0) == sizeof seconds;
    ::close(file);
    if (!written) {
        throw std::runtime_error("cannot set the clock");
    }
}

}  // namespace harness
