#include "harness/wall_clock.h"

#include <cstdio>
#include <stdexcept>
#include <utility>

#include "harness/process.h"

namespace harness {

WallClock::WallClock(std::string path) : path_(std::move(path)) {
    set(std::chrono::seconds(0));
}

std::vector<std::string> WallClock::command() const {
    return {"/usr/bin/env",        std::string("LD_PRELOAD=") + RESEAL_FAKETIME,
            "FAKETIME_NO_CACHE=1", "FAKETIME_TIMESTAMP_FILE=" + path_,
            "NO_FAKE_STAT=1",      "FAKETIME_DONT_FAKE_MONOTONIC=1"};
}

void WallClock::set(std::chrono::seconds wrong_by) const {
    const std::string text = (wrong_by.count() < 0 ? "" : "+") + std::to_string(wrong_by.count()) + "\n";
    write_all(path_ + ".new", text);
    if (std::rename((path_ + ".new").c_str(), path_.c_str()) != 0) {
        throw std::runtime_error("cannot set the clock");
    }
}

}  // namespace harness
