#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/resource.h>

#include <random>

#include "state/replay_file.h"
#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

// Marks as fast as it can: old keys and new ones, in and out of order, now and then a new epoch.
void mark_forever(const TempFolder& folder, std::uint32_t seed, const std::function<void(Message)>& report) {
    ReplayStore store = open_store(folder);
    std::mt19937 random(seed);
    for (std::uint32_t step = 200;; ++step) {
        const auto key = static_cast<std::uint32_t>(random() % 4 == 0 ? random() % 100000 : random() % 8);
        const std::uint32_t counter = step - static_cast<std::uint32_t>(random() % 100);
        const Message message{key, 1 + seed + step / 5000, counter};
        if (accept(store, message)) {
            report(message);
        }
    }
}

TEST(ReplayStore, RefusesEveryMarkedMessageAfterTheProcessWasKilledAtAnyInstant) {
    const TempFolder folder;
    std::mt19937 random(7);  // NOLINT(cert-msc*): the same test every time
    for (std::uint32_t kill = 0; kill < 30; ++kill) {
        const std::size_t enough = 100 + random() % 8000;
        const auto marked = killed_after<Message>(
            enough, [&](const std::function<void(Message)>& report) { mark_forever(folder, kill * 1000, report); });
        ASSERT_GE(marked.size(), enough);
        const ReplayStore store = open_store(folder);
        for (const Message& message : marked) {
            ASSERT_NE(store.check(envelope(message)), RESEAL_OK)
                << "kill " << kill << " key " << message.key << " counter " << message.counter;
        }
    }
}

// Lets a child mark `message` one instruction after the other, and looks at the file after each as a new process would.
// Answers how often the message was new and how often it was marked; anything else fails.
std::pair<int, int> step_through_mark(const TempFolder& folder, const Message& message) {
    const pid_t child = ::fork();
    if (child == 0) {
        ReplayStore store = open_store(folder);
        const reseal_envelope parsed = envelope(message);
        if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) {  // NOLINT(*-vararg)
            ::_exit(77);
        }
        ::raise(SIGSTOP);
        (void)store.mark(parsed);
        ::raise(SIGSTOP);
        ::_exit(0);
    }
    int status = 0;
    std::pair<int, int> seen;
    ::waitpid(child, &status, 0);
    while (WIFSTOPPED(status) && ::ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr) == 0) {  // NOLINT(*-vararg)
        ::waitpid(child, &status, 0);
        if (WIFSTOPPED(status) && WSTOPSIG(status) != SIGTRAP) {
            break;  // marked
        }
        const auto file = ReplayFile::open(folder / "replay");
        EXPECT_TRUE(file) << file.error().text();
        bool marked = false;
        for (std::uint32_t index = 0; index < file->count(); ++index) {
            const reseal_envelope parsed = envelope(message);
            const reseal_replay window = file->record(index).window();
            marked = marked || (std::memcmp(file->record(index).key_id().data(), parsed.key_id, 7) == 0 &&
                                reseal_replay_check(&window, &parsed.epoch, parsed.counter) != RESEAL_OK);
        }
        ++(marked ? seen.second : seen.first);
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    return seen;
}

TEST(ReplayStore, HoldsTheOldOrTheNewWindowAfterEveryInstructionOfAMark) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        ASSERT_TRUE(accept(store, {1, 1, 100}));
    }
    const Message messages[] = {{1, 1, 101}, {1, 1, 90}, {1, 1, 5000}, {1, 2, 0}, {2, 1, 7}};  // the last: a new key
    for (const Message& message : messages) {
        const auto [fresh, marked] = step_through_mark(folder, message);
        if (fresh + marked == 0) {
            GTEST_SKIP() << "ptrace is not allowed here";
        }
        EXPECT_GT(fresh, 10);
        EXPECT_GT(marked, 0);
        const ReplayStore store = open_store(folder);
        EXPECT_NE(store.check(envelope(message)), RESEAL_OK);
        EXPECT_NE(store.check(envelope({1, 1, 100})), RESEAL_OK);
    }
}

TEST(ReplayStore, ChangesNothingIfTheFileCannotGrow) {
    const TempFolder folder;
    ASSERT_TRUE(ReplayStore::open(folder.path(), 128));
    const int code = exit_code_of([&] {
        ReplayStore store = open_store(folder);
        const rlimit none{4096, 4096};  // the size of the empty file
        ::signal(SIGXFSZ, SIG_IGN);
        if (::setrlimit(RLIMIT_FSIZE, &none) != 0) {
            return 3;
        }
        const reseal_envelope message = envelope({1, 1, 1});
        const bool refused = store.mark(message) == RESEAL_WINDOW_NOT_STORED;
        return refused && store.check(message) == RESEAL_OK ? 0 : 1;
    });
    EXPECT_EQ(code, 0);
    ReplayStore store = open_store(folder);
    EXPECT_TRUE(accept(store, {1, 1, 1}));
}

}  // namespace
}  // namespace reseal::state
