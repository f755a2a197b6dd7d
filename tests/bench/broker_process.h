// SPDX-License-Identifier: Apache-2.0
// What a process costs.
#pragma once

#include <sys/types.h>
#include <cstdint>

namespace bench {

struct Memory {
    std::uint64_t resident = 0;   // KiB
    std::uint64_t anonymous = 0;  // KiB of it without a file behind it: the process's own
};

// CPU time of all threads, user and kernel mode, to the nanosecond. Throws Failure if there is no such process.
double cpu_seconds(pid_t process);

// The same, read once its main thread waits for something, or after a second at the latest. The kernel accounts a
// thread's time when it stops running or at the next tick.
double cpu_seconds_at_rest(pid_t process);

// From /proc/PID/smaps_rollup. Throws Failure if it may not be read.
Memory memory_of(pid_t process);

}  // namespace bench
