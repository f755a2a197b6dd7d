// SPDX-License-Identifier: Apache-2.0
#include "bench/broker_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <vector>

#include "bench/failure.h"

namespace bench {
namespace {

constexpr pid_t nobody = 1 << 22;  // one more than Linux assigns

TEST(BrokerProcess, ShowsTheCpuTimeUsed) {
    const double before = cpu_seconds(getpid());
    while (cpu_seconds(getpid()) < before + 0.001) {
    }
    EXPECT_GT(cpu_seconds(getpid()), before);
}

TEST(BrokerProcess, CountsCpuTimeUntilTheProcessIsIdle) {
    constexpr double used = 0.01;
    const pid_t child = fork();
    if (child == 0) {
        while (cpu_seconds(getpid()) < used) {
        }
        while (true) {
            pause();
        }
    }
    EXPECT_GE(cpu_seconds_at_rest(child), used);
    kill(child, SIGKILL);
    EXPECT_EQ(waitpid(child, nullptr, 0), child);
}

TEST(BrokerProcess, ShowsAllocatedMemory) {
    constexpr std::uint64_t taken = 32 * 1024;  // KiB
    const Memory before = memory_of(getpid());
    const std::vector<char> mine(taken * 1024, 'x');
    const Memory after = memory_of(getpid());
    EXPECT_GE(after.anonymous, before.anonymous + taken / 2) << mine.size();
    EXPECT_GE(after.resident, after.anonymous);
}

TEST(BrokerProcess, ReportsAMissingProcess) {
    EXPECT_THROW(cpu_seconds(nobody), Failure);
    EXPECT_THROW(memory_of(nobody), Failure);
}

}  // namespace
}  // namespace bench
