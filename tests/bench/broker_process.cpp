// SPDX-License-Identifier: Apache-2.0
#include "bench/broker_process.h"

#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>
#include <thread>

#include "bench/failure.h"

namespace bench {
namespace {

// /proc/PID/stat: number, name in brackets, state; R is running or runnable.
bool runs(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(file, text);
    const std::size_t name_ends = text.rfind(')');
    return name_ends != std::string::npos && text.compare(name_ends, 4, ") R ") == 0;
}

}  // namespace

// /proc/PID/stat has the same figure in steps of 10 ms, too coarse for a run of a second.
double cpu_seconds(pid_t process) {
    clockid_t clock{};
    timespec time{};
    if (const int error = clock_getcpuclockid(process, &clock); error != 0) {
        throw Failure("process " + std::to_string(process) + ": no CPU time: " + std::strerror(error));
    }
    if (clock_gettime(clock, &time) != 0) {
        throw Failure("process " + std::to_string(process) + ": no CPU time: it has ended");
    }
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double cpu_seconds_at_rest(pid_t process) {
    constexpr auto limit = std::chrono::seconds(1);
    constexpr auto pause = std::chrono::microseconds(100);
    const auto start = std::chrono::steady_clock::now();
    while (runs(process) && std::chrono::steady_clock::now() - start < limit) {
        std::this_thread::sleep_for(pause);
    }
    return cpu_seconds(process);
}

Memory memory_of(pid_t process) {
    const std::string path = "/proc/" + std::to_string(process) + "/smaps_rollup";
    std::ifstream lines(path);
    Memory out;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("Rss:")) {
            out.resident = std::stoull(line.substr(4));
        } else if (line.starts_with("Anonymous:")) {
            out.anonymous = std::stoull(line.substr(10));
        }
    }
    if (out.resident == 0) {
        throw Failure(path + ": does not show the memory; run the bench as root");
    }
    return out;
}

}  // namespace bench
