// SPDX-License-Identifier: Apache-2.0
// A session is found by its id, used by one thread at a time, and never mistaken for another.
#include "engine/session_table.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

namespace reseal::engine {
namespace {

TEST(SessionTableTest, FindsASessionUntilItEnds) {
    SessionTable table;
    SessionId id;
    {
        const SessionTable::Use session = table.begin();
        session->principal = "pico";
        id = session->id;
    }
    EXPECT_TRUE(id);
    EXPECT_EQ(table.use(id)->principal, "pico");
    table.end(table.use(id));
    EXPECT_FALSE(table.use(id));
    EXPECT_FALSE(table.try_use(id));
}

TEST(SessionTableTest, RejectsAnIdThatItHasNotIssued) {
    SessionTable table;
    EXPECT_FALSE(table.use({}));
    EXPECT_FALSE(table.use({1}));
    const SessionId id = table.begin()->id;
    EXPECT_FALSE(table.use({id.value + 1}));
    EXPECT_FALSE(table.use({id.value ^ (std::uint64_t{1} << 40U)}));
}

TEST(SessionTableTest, NeverIssuesAnIdTwice) {
    SessionTable table;
    std::set<std::uint64_t> ids;
    for (int i = 0; i < 1000; ++i) {
        SessionTable::Use session = table.begin();
        EXPECT_TRUE(session->principal.empty()) << "nothing is left of the one before";
        session->principal = "pico";
        EXPECT_TRUE(ids.insert(session->id.value).second);
        table.end(std::move(session));
    }
}

TEST(SessionTableTest, LetsOneThreadAtATimeUseASession) {
    SessionTable table;
    const SessionTable::Use session = table.begin();
    std::thread([&table, id = session->id] { EXPECT_FALSE(table.try_use(id)); }).join();
}

TEST(SessionTableTest, VisitsLiveSessionsOnly) {
    SessionTable table;
    std::set<std::uint64_t> live;
    for (int i = 0; i < 1000; ++i) {
        SessionTable::Use session = table.begin();
        if (i % 3 == 0) {
            table.end(std::move(session));
        } else {
            live.insert(session->id.value);
        }
    }
    std::set<std::uint64_t> visited;
    table.each([&visited](const Session& session) { visited.insert(session.id.value); });
    EXPECT_EQ(visited, live);
}

}  // namespace
}  // namespace reseal::engine
