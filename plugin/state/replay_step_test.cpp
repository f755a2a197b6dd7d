// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/ptrace.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

// Runs in the child: stops before the mark, between mark and settle, and after settle.
[[noreturn]] void mark_under_trace(const TempFolder& folder, const Message& message) {
    ReplayStore store = open_store(folder);
    const reseal_envelope parsed = envelope(message);
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0 || ::raise(SIGSTOP) != 0) {  // NOLINT(*-vararg)
        ::_exit(1);
    }
    (void)store.mark(parsed);
    (void)::raise(SIGSTOP);
    store.settle();
    (void)::raise(SIGSTOP);
    ::_exit(0);
}

// Would a new process refuse `message` with a file of these contents? Nothing if it could not read the file.
std::optional<bool> marked_for_a_new_process(const std::string& contents, const Message& message) {
    const TempFolder copy;
    copy.write("replay", contents);
    const auto store = try_open(copy.path());
    EXPECT_TRUE(store) << store.error().text();
    return store ? std::optional(store->check(envelope(message)) != RESEAL_OK) : std::nullopt;
}

bool step(pid_t child, int& status) {
    return WIFSTOPPED(status) && ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) == 0 &&  // NOLINT(*-vararg)
           ::waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

struct Seen {
    int fresh = 0;
    int marked = 0;
};

// With sanitizers a mark takes some twenty times the instructions, and checking after each would take minutes.
#ifdef __SANITIZE_ADDRESS__
constexpr int instructions_a_look = 16;
#else
constexpr int instructions_a_look = 1;
#endif

// Steps the child one instruction at a time until it stops itself, and checks the file after each.
Seen step_to_stop(pid_t child, int& status, const TempFolder& folder, const Message& message) {
    Seen seen;
    std::string contents;
    std::optional<bool> marked = false;
    for (int taken = 1; marked && step(child, status); ++taken) {
        if (taken % instructions_a_look != 0) {
            continue;
        }
        if (std::string now = folder.read("replay"); now != contents) {
            contents = std::move(now);
            marked = marked_for_a_new_process(contents, message);
        }
        ++(marked.value_or(false) ? seen.marked : seen.fresh);
    }
    return seen;
}

class ReplayStep : public testing::TestWithParam<Message> {};

TEST_P(ReplayStep, IsMarkedForANewProcessOnlyWhenSettled) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        ASSERT_TRUE(accept(store, {1, 1, 100}));
    }
    const pid_t child = ::fork();
    if (child == 0) {
        mark_under_trace(folder, GetParam());
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    const Seen in_mark = step_to_stop(child, status, folder, GetParam());
    const Seen in_settle = step_to_stop(child, status, folder, GetParam());
    (void)::kill(child, SIGKILL);
    (void)::waitpid(child, nullptr, 0);
    if (in_mark.fresh + in_mark.marked == 0) {
        GTEST_SKIP() << "ptrace is not allowed here";
    }
    EXPECT_GT(in_mark.fresh, 10);
    EXPECT_EQ(in_mark.marked, 0);
    EXPECT_GT(in_settle.fresh, 0);
    EXPECT_GT(in_settle.marked, 0);
    const ReplayStore store = open_store(folder);
    EXPECT_NE(store.check(envelope(GetParam())), RESEAL_OK);
    EXPECT_NE(store.check(envelope({1, 1, 100})), RESEAL_OK);
}

// The next counter, an older one, one far ahead, a new epoch, a new key.
INSTANTIATE_TEST_SUITE_P(Marks, ReplayStep,
                         testing::Values(Message{1, 1, 101}, Message{1, 1, 90}, Message{1, 1, 5000}, Message{1, 2, 0},
                                         Message{2, 1, 7}));

}  // namespace
}  // namespace reseal::state
