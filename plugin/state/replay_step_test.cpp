#include <gtest/gtest.h>
#include <sys/ptrace.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "state/replay_file.h"
#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

// In the child: stops before and after the mark.
[[noreturn]] void mark_under_trace(const TempFolder& folder, const Message& message) {
    ReplayStore store = open_store(folder);
    const reseal_envelope parsed = envelope(message);
    if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0 || ::raise(SIGSTOP) != 0) {  // NOLINT(*-vararg)
        ::_exit(1);
    }
    (void)store.mark(parsed);
    (void)::raise(SIGSTOP);
    ::_exit(0);
}

// Is `message` marked in the file, as a new process would read it? Nothing if it could not read it.
std::optional<bool> marked_in(const std::string& path, const Message& message) {
    const auto file = ReplayFile::open(path);
    EXPECT_TRUE(file) << file.error().text();
    if (!file) {
        return std::nullopt;
    }
    const reseal_envelope parsed = envelope(message);
    for (std::uint32_t index = 0; index < file->count(); ++index) {
        const keyring::KeyId id = file->record(index).key_id();
        if (std::equal(id.begin(), id.end(), std::begin(parsed.key_id))) {
            const reseal_replay window = file->record(index).window();
            return reseal_replay_check(&window, &parsed.epoch, parsed.counter) != RESEAL_OK;
        }
    }
    return false;
}

bool step(pid_t child, int& status) {
    return WIFSTOPPED(status) && ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) == 0 &&  // NOLINT(*-vararg)
           ::waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP;
}

struct Seen {
    int fresh = 0;
    int marked = 0;
};

// Lets a child mark `message` one instruction after the other and looks at the file after each.
Seen step_through_mark(const TempFolder& folder, const Message& message) {
    const pid_t child = ::fork();
    if (child == 0) {
        mark_under_trace(folder, message);
    }
    int status = 0;
    Seen seen;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    bool readable = true;
    while (readable && step(child, status)) {
        const auto marked = marked_in(folder / "replay", message);
        readable = marked.has_value();
        ++(marked.value_or(false) ? seen.marked : seen.fresh);
    }
    (void)::kill(child, SIGKILL);
    (void)::waitpid(child, nullptr, 0);
    return seen;
}

class ReplayStep : public testing::TestWithParam<Message> {};

TEST_P(ReplayStep, LeavesTheOldOrTheNewWindowAfterEveryInstructionOfAMark) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        ASSERT_TRUE(accept(store, {1, 1, 100}));
    }
    const Seen seen = step_through_mark(folder, GetParam());
    if (seen.fresh + seen.marked == 0) {
        GTEST_SKIP() << "ptrace is not allowed here";
    }
    EXPECT_GT(seen.fresh, 10);
    EXPECT_GT(seen.marked, 0);
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
