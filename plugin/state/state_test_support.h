// SPDX-License-Identifier: Apache-2.0
// For tests: envelopes as the parser would give them, and child processes that are killed at full speed.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <functional>
#include <vector>

#include "base/temp_folder.h"
#include "keyring/child_process.h"
#include "state/replay_store.h"

namespace reseal::state {

using keyring::exit_code_of;

struct Message {
    std::uint32_t key = 0;
    std::uint32_t epoch = 0;
    std::uint32_t counter = 0;
    std::uint8_t salt = 0;
};

inline reseal_envelope envelope(const Message& message) {
    reseal_envelope out{};
    out.direction = RESEAL_UPLINK;
    std::memcpy(out.key_id, &message.key, sizeof message.key);
    out.key_id[6] = 0xee;
    out.epoch.number = message.epoch;
    out.epoch.salt[0] = message.salt;
    out.counter = message.counter;
    return out;
}

inline const StateKey& state_key() {
    static const StateKey key = derive_state_key({});
    return key;
}

inline Checked<ReplayStore> try_open(const std::string& folder, std::uint32_t window = 128) {
    auto lock = FolderLock::take(folder);
    if (!lock) {
        return lock.error();
    }
    if (!std::filesystem::exists(lock->replay())) {
        EXPECT_TRUE(ReplayStore::make(*lock, window, state_key()));
    }
    return ReplayStore::open(std::move(*lock), window, state_key());
}

inline ReplayStore open_store(const TempFolder& folder, std::uint32_t window = 128) {
    auto store = try_open(folder.path(), window);
    EXPECT_TRUE(store) << store.error().text();
    return std::move(*store);
}

// The store is gone afterwards, as after an orderly end.
inline void end(ReplayStore store) {
    EXPECT_TRUE(store.end());
}

// Checks and marks. Was it accepted? The death of the process undoes that unless it is settled.
inline bool accept_unsettled(ReplayStore& store, const Message& message) {
    const reseal_envelope parsed = envelope(message);
    return store.check(parsed) == RESEAL_OK && store.mark(parsed) == RESEAL_OK;
}

// The same, and settles it.
inline bool accept(ReplayStore& store, const Message& message) {
    const bool accepted = accept_unsettled(store, message);
    store.settle();
    return accepted;
}

// Runs `work` in a child that reports values. Kills it with SIGKILL after `enough` of them. Answers all it reported.
template <class Report>
std::vector<Report> killed_after(std::size_t enough, const std::function<void(std::function<void(Report)>)>& work) {
    std::array<int, 2> ends{-1, -1};
    EXPECT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        work([&](Report report) {
            if (::write(ends[1], &report, sizeof report) != static_cast<ssize_t>(sizeof report)) {
                ::_exit(1);
            }
        });
        ::_exit(2);
    }
    ::close(ends[1]);
    std::vector<Report> reports;
    Report report{};
    while (::read(ends[0], &report, sizeof report) == static_cast<ssize_t>(sizeof report)) {
        reports.push_back(report);
        if (reports.size() == enough) {
            ::kill(child, SIGKILL);  // reports that it sends before it dies are still read
        }
    }
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status;
    return reports;
}

}  // namespace reseal::state
