// SPDX-License-Identifier: Apache-2.0
#include "base/core_dump.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

#include "base/temp_folder.h"
#include "base/test_core_dump.h"

namespace reseal {
namespace {

constexpr uid_t nobody = 65534;

class CoreDumpTest : public testing::Test {
  protected:
    void SetUp() override {
        if (!kernel_writes_core_dumps()) {
            GTEST_SKIP() << "/proc/sys/kernel/core_pattern hands dumps to a program";
        }
    }
    // The dump of a process that holds a secret in its heap and on its stack, and calls `before` first.
    template <class Work>
    std::string dump_after(const Work& before) {
        const pid_t child = ::fork();
        if (child == 0) {
            (void)!::chdir(folder.path().c_str());
            allow_core_dumps();
            before();
            const std::string heap(10'000, 'K');
            std::array<char, 10'000> stack{};
            std::ranges::fill(stack, 'K');
            keep(heap.data());
            keep(stack.data());
            (void)std::signal(SIGABRT, SIG_DFL);
            std::abort();
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(WTERMSIG(status), SIGABRT);
        return core_dump_in(folder.path());
    }
    static void keep(const char* bytes) { asm volatile("" : : "r"(bytes) : "memory"); }

    TempFolder folder;
};

TEST_F(CoreDumpTest, IsNotMade) {
    EXPECT_TRUE(dump_after([] { forbid_core_dumps(); }).empty());
}

// That the test above would see it.
TEST_F(CoreDumpTest, HoldsSecretsWhereItIsMade) {
    EXPECT_NE(dump_after([] {}).find(std::string(5'000, 'K')), std::string::npos);
}

TEST_F(CoreDumpTest, IsNotMadeOfAForkedProcessEither) {
    const std::string dump = dump_after([] {
        forbid_core_dumps();
        if (const pid_t parent = ::fork(); parent != 0) {
            (void)::waitpid(parent, nullptr, 0);
        }
    });
    EXPECT_TRUE(dump.empty());
}

TEST_F(CoreDumpTest, IsNotMadeOfAProcessThatHasChangedItsUser) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to become another user";
    }
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0777));
    const std::string dump = dump_after([] {
        if (::setresuid(nobody, nobody, nobody) != 0) {
            ::_exit(1);
        }
        forbid_core_dumps();
    });
    EXPECT_TRUE(dump.empty());
}

TEST_F(CoreDumpTest, MadeByADebuggerLeavesTheMemoryOut) {
    const pid_t child = ::fork();
    if (child == 0) {
        forbid_core_dumps();
        std::string filter;
        std::getline(std::ifstream("/proc/self/coredump_filter"), filter);
        ::_exit(filter == "00000000" ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace reseal
