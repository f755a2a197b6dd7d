// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <random>

#include "state/replay_header.h"
#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

enum class Step : std::uint8_t { marked, settling, settled };
struct Report {
    Step step = Step::marked;
    Message message{};
};

// Marks as fast as it can: old keys and new ones, in and out of order, now and then a new epoch. Settles now and then.
void mark_forever(const TempFolder& folder, std::uint32_t seed, const std::function<void(Report)>& report) {
    ReplayStore store = open_store(folder);
    std::mt19937 random(seed);
    for (std::uint32_t step = 200;; ++step) {
        const auto key = static_cast<std::uint32_t>(random() % 4 == 0 ? random() % 100000 : random() % 8);
        const std::uint32_t counter = step - static_cast<std::uint32_t>(random() % 100);
        const Message message{key, 1 + seed + step / 5000, counter};
        if (accept_unsettled(store, message)) {
            report({Step::marked, message});
        }
        if (random() % 8 == 0) {
            report({Step::settling});
            store.settle();
            report({Step::settled});
        }
    }
}

// What a killed process reported of its messages.
struct Outcome {
    std::vector<Message> certain;
    std::vector<Message> marked;
    bool settling = false;  // it may have died while settling
};
Outcome outcome_of(const std::vector<Report>& reports) {
    Outcome out;
    for (const Report& report : reports) {
        if (report.step == Step::marked) {
            out.marked.push_back(report.message);
        }
        out.settling = report.step == Step::settling;
        if (report.step == Step::settled) {
            out.certain.insert(out.certain.end(), out.marked.begin(), out.marked.end());
            out.marked.clear();
        }
    }
    return out;
}

TEST(ReplayStore, KnowsExactlyTheSettledMarksAfterAKillAtAnyInstant) {
    const TempFolder folder;
    std::mt19937 random(7);  // NOLINT(cert-msc*): the same test every time
    std::size_t forgotten = 0;
    for (std::uint32_t kill = 0; kill < 30; ++kill) {
        const std::size_t enough = 100 + random() % 8000;
        const Outcome outcome = outcome_of(killed_after<Report>(
            enough, [&](const std::function<void(Report)>& report) { mark_forever(folder, kill * 1000, report); }));
        const ReplayStore store = open_store(folder);
        for (const Message& message : outcome.certain) {
            ASSERT_NE(store.check(envelope(message)), RESEAL_OK)
                << "kill " << kill << " key " << message.key << " counter " << message.counter;
        }
        for (const Message& message : outcome.marked) {
            ASSERT_TRUE(outcome.settling || store.check(envelope(message)) == RESEAL_OK)
                << "kill " << kill << " key " << message.key << " counter " << message.counter;
        }
        forgotten += outcome.settling ? 0 : outcome.marked.size();
    }
    EXPECT_GT(forgotten, 0U) << "the test has tested something";
}

TEST(ReplayStore, ChangesNothingIfTheFileCannotGrow) {
    const TempFolder folder;
    ASSERT_TRUE(try_open(folder.path()));
    const int code = exit_code_of([&] {
        ReplayStore store = open_store(folder);
        const rlimit none{header_size, header_size};  // the size of the empty file
        if (::signal(SIGXFSZ, SIG_IGN) == SIG_ERR || ::setrlimit(RLIMIT_FSIZE, &none) != 0) {
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
