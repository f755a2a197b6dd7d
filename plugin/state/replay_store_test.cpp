// SPDX-License-Identifier: Apache-2.0
#include "state/replay_store.h"

#include <gtest/gtest.h>

#include "state/state_test_support.h"

namespace reseal::state {
namespace {

TEST(ReplayStore, MakesItsFileWithMode0600) {
    const TempFolder folder;
    open_store(folder);
    EXPECT_EQ(folder.mode("replay"), 0600U);
}

TEST(ReplayStore, AcceptsEachMessageOnceEvenAfterReopening) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        EXPECT_TRUE(accept(store, {1, 1, 10}));
        EXPECT_TRUE(accept(store, {1, 1, 7}));
        EXPECT_TRUE(accept(store, {2, 1, 10}));
    }
    ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({1, 1, 10})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({1, 1, 7})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({2, 1, 10})), RESEAL_REPLAY);
    EXPECT_TRUE(accept(store, {1, 1, 8}));
}

TEST(ReplayStore, RefusesAMarkedMessageAtOnceAndForgetsItUnlessSettled) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        ASSERT_TRUE(accept(store, {1, 1, 10}));
        ASSERT_TRUE(accept_unsettled(store, {1, 1, 11}));
        ASSERT_TRUE(accept_unsettled(store, {1, 2, 0}));
        ASSERT_TRUE(accept_unsettled(store, {2, 1, 0}));
        EXPECT_EQ(store.check(envelope({1, 1, 11})), RESEAL_STALE_EPOCH);
        EXPECT_EQ(store.check(envelope({1, 2, 0})), RESEAL_REPLAY);
        EXPECT_EQ(store.check(envelope({2, 1, 0})), RESEAL_REPLAY);
        EXPECT_EQ(store.highest(key_id_of(envelope({1, 1, 0})))->epoch.number, 2U);
    }
    ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({1, 1, 10})), RESEAL_REPLAY);
    EXPECT_FALSE(store.highest(key_id_of(envelope({2, 1, 0}))));
    EXPECT_TRUE(accept(store, {1, 1, 11}));
    EXPECT_TRUE(accept(store, {2, 1, 0}));
}

TEST(ReplayStore, SettlesAllMarksOfAllKeysAtOnce) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        for (std::uint32_t counter = 0; counter < 40; ++counter) {
            ASSERT_TRUE(accept_unsettled(store, {counter % 8, 1, counter}));
        }
        store.settle();
        store.settle();
        ASSERT_TRUE(accept_unsettled(store, {3, 1, 50}));
    }
    const ReplayStore store = open_store(folder);
    for (std::uint32_t counter = 0; counter < 40; ++counter) {
        EXPECT_EQ(store.check(envelope({counter % 8, 1, counter})), RESEAL_REPLAY) << counter;
    }
    EXPECT_EQ(store.check(envelope({3, 1, 50})), RESEAL_OK);
}

TEST(ReplayStore, RefusesStaleEpochsOtherSaltsAndTheCounterLimit) {
    const TempFolder folder;
    ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({1, 0, 0})), RESEAL_STALE_EPOCH);
    EXPECT_EQ(store.check(envelope({1, 1, 1U << 20})), RESEAL_COUNTER_LIMIT);
    ASSERT_TRUE(accept(store, {1, 5, 1000}));
    EXPECT_EQ(store.check(envelope({1, 4, 1001})), RESEAL_STALE_EPOCH);
    EXPECT_EQ(store.check(envelope({1, 5, 1001, 1})), RESEAL_STALE_EPOCH);
    EXPECT_EQ(store.check(envelope({1, 5, 1000 - 128})), RESEAL_REPLAY) << "left of the window";
    EXPECT_EQ(store.check(envelope({1, 5, 1000 - 127})), RESEAL_OK);
    EXPECT_TRUE(accept(store, {1, 6, 0}));
}

TEST(ReplayStore, ChangesNothingWhenOnlyChecking) {
    const TempFolder folder;
    ReplayStore store = open_store(folder);
    ASSERT_TRUE(accept(store, {2, 1, 1}));
    const std::string before = folder.read("replay");
    EXPECT_EQ(store.check(envelope({1, 1, 1})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({1, 1, 1})), RESEAL_OK);
    EXPECT_EQ(folder.read("replay"), before);
}

TEST(ReplayStore, GrowsForManyKeysAndRemembersThemAll) {
    const TempFolder folder;
    constexpr std::uint32_t keys = 20000;
    {
        ReplayStore store = open_store(folder);
        for (std::uint32_t key = 0; key < keys; ++key) {
            ASSERT_TRUE(accept(store, {key, 1, key}));
        }
    }
    const ReplayStore store = open_store(folder);
    for (std::uint32_t key = 0; key < keys; ++key) {
        ASSERT_EQ(store.check(envelope({key, 1, key})), RESEAL_REPLAY);
        ASSERT_EQ(store.check(envelope({key, 1, key + 1})), RESEAL_OK);
    }
}

TEST(ReplayStore, RefusesASecondProcessUntilTheFirstHasEnded) {
    const TempFolder folder;
    const auto second = [&] {
        const auto opened = try_open(folder.path());
        return opened ? 0 : opened.error().problem.find("in use by another process") != std::string::npos ? 1 : 2;
    };
    {
        const ReplayStore first = open_store(folder);
        EXPECT_EQ(exit_code_of(second), 1);
    }
    EXPECT_EQ(exit_code_of(second), 0);
}

TEST(ReplayStore, RefusesAMissingFolderOrAFileInItsPlace) {
    const TempFolder folder;
    folder.write("file", "");
    for (const char* name : {"missing", "file"}) {
        const auto opened = try_open(folder / name);
        ASSERT_FALSE(opened) << name;
        EXPECT_EQ(opened.error().file, folder / name);
    }
}

TEST(ReplayStore, RefusesAFolderThatItMayNotWrite) {
    const TempFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    const int code = exit_code_of([&] { return keyring::become_nobody() && !try_open(folder.path()) ? 0 : 1; });
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    EXPECT_EQ(code, 0);
}

TEST(ReplayStore, RefusesWindowsThatTheProtocolDoesNotKnow) {
    const TempFolder folder;
    end(open_store(folder));
    for (const std::uint32_t window : {0U, 31U, 33U, 4097U, 4128U}) {
        EXPECT_FALSE(try_open(folder.path(), window)) << window;
    }
    end(open_store(folder));
}

TEST(ReplayStore, TreatsUnknownCountersAsAcceptedAfterWidening) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder, 32);
        ASSERT_TRUE(accept(store, {1, 1, 100}));
        ASSERT_TRUE(accept(store, {1, 1, 90}));
        ASSERT_TRUE(accept(store, {2, 1, 3}));
    }
    ReplayStore store = open_store(folder, 4096);
    EXPECT_EQ(folder.mode("replay"), 0600U);
    EXPECT_EQ(store.check(envelope({1, 1, 90})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({1, 1, 100 - 32})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({1, 1, 0})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({1, 1, 100 - 31})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({2, 1, 0})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({2, 1, 3})), RESEAL_REPLAY);
}

}  // namespace
}  // namespace reseal::state
