#include "load/faults/false_clock.h"

#include <cstdio>
#include <stdexcept>

#include <unistd.h>

#include "harness/process.h"

namespace faults {

namespace {

#ifdef __x86_64__
constexpr const char* library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
#else
constexpr const char* library = "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1";
#endif

}  // namespace

FalseClock::FalseClock(std::string path) : path_(std::move(path)) {
    set(0);
}

bool FalseClock::available() {
    return access(library, R_OK) == 0;
}

std::vector<std::string> FalseClock::before() const {
    return {"/usr/bin/env", std::string("LD_PRELOAD=") + library, "FAKETIME_TIMESTAMP_FILE=" + path_,
            "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"};
}

// The process reads the file at every look at the clock: it is replaced whole.
void FalseClock::set(long seconds) const {
    const std::string part = path_ + ".part";
    harness::write_all(part, (seconds < 0 ? "" : "+") + std::to_string(seconds) + "\n");
    if (std::rename(part.c_str(), path_.c_str()) != 0) {
        throw std::runtime_error("cannot replace " + path_);
    }
}

}  // namespace faults
