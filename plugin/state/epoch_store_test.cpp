// SPDX-License-Identifier: Apache-2.0
#include "state/epoch_store.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

#include "state/state_test_support.h"

namespace reseal::state {
namespace {

constexpr std::uint32_t last_epoch = std::numeric_limits<std::uint32_t>::max();

EpochStore open_epochs(const TempFolder& folder) {
    auto store = EpochStore::open(folder.path());
    EXPECT_TRUE(store) << store.error().text();
    return std::move(*store);
}

std::uint32_t loaded(EpochStore& store) {
    const reseal_epoch_store port = store.port();
    std::uint32_t epoch = 0;
    EXPECT_EQ(port.load(port.context, &epoch), RESEAL_OK);
    return epoch;
}

reseal_status take_next(EpochStore& store) {
    const reseal_epoch_store port = store.port();
    return port.store(port.context, loaded(store) + 1);
}

TEST(EpochStore, StartsWithNoEpochAndAFileWithMode0600) {
    const TempFolder folder;
    EpochStore store = open_epochs(folder);
    EXPECT_EQ(loaded(store), 0U);
    EXPECT_EQ(folder.mode("epoch"), 0600U);
    EXPECT_EQ(folder.read("epoch"), "reseal-epoch/1 4096\n");
}

TEST(EpochStore, GivesEachSenderAHigherEpoch) {
    const TempFolder folder;
    EpochStore store = open_epochs(folder);
    for (std::uint32_t epoch = 1; epoch <= 10; ++epoch) {
        EXPECT_EQ(take_next(store), RESEAL_OK);
        EXPECT_EQ(loaded(store), epoch);
    }
    const reseal_epoch_store port = store.port();
    EXPECT_EQ(port.store(port.context, 10), RESEAL_EPOCH_NOT_STORED) << "taken already";
    EXPECT_EQ(loaded(store), 10U);
}

TEST(EpochStore, SkipsTheWholeReservedBlockAfterARestart) {
    const TempFolder folder;
    {
        EpochStore store = open_epochs(folder);
        EXPECT_EQ(take_next(store), RESEAL_OK);
    }
    EpochStore store = open_epochs(folder);
    EXPECT_EQ(loaded(store), EpochStore::block);
}

TEST(EpochStore, ReservesAnotherBlockWhenOneIsUsedUp) {
    const TempFolder folder;
    EpochStore store = open_epochs(folder);
    for (std::uint32_t taken = 0; taken < EpochStore::block; ++taken) {
        ASSERT_EQ(take_next(store), RESEAL_OK);
    }
    EXPECT_EQ(folder.read("epoch"), "reseal-epoch/1 4096\n");
    ASSERT_EQ(take_next(store), RESEAL_OK);
    EXPECT_EQ(folder.read("epoch"), "reseal-epoch/1 8192\n");
}

TEST(EpochStore, UsesNoEpochThatItCannotReserve) {
    std::optional<TempFolder> folder(std::in_place);
    EpochStore store = open_epochs(*folder);
    folder.reset();  // the folder is gone
    const reseal_epoch_store port = store.port();
    EXPECT_EQ(port.store(port.context, EpochStore::block), RESEAL_OK) << "reserved before";
    EXPECT_EQ(port.store(port.context, EpochStore::block + 1), RESEAL_EPOCH_NOT_STORED);
    EXPECT_EQ(loaded(store), EpochStore::block);
}

TEST(EpochStore, EndsWithTheLastEpoch) {
    const TempFolder folder;
    folder.write("epoch", "reseal-epoch/1 4294963200\n");
    {
        EpochStore store = open_epochs(folder);
        const reseal_epoch_store port = store.port();
        EXPECT_EQ(port.store(port.context, last_epoch), RESEAL_OK);
        EXPECT_EQ(folder.read("epoch"), "reseal-epoch/1 4294967295\n");
    }
    const auto opened = EpochStore::open(folder.path());
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().problem.find("used up"), std::string::npos);
}

TEST(EpochStore, RefusesADamagedFileAndLeavesItUnchanged) {
    const TempFolder folder;
    for (const char* text : {"", "\n", "4096\n", "reseal-epoch/1 \n", "reseal-epoch/1 4096", "reseal-epoch/1 4096\n\n",
                             "reseal-epoch/1 04096\n", "reseal-epoch/1 4097\n", "reseal-epoch/1 0\n",
                             "reseal-epoch/1 -4096\n", "reseal-epoch/2 4096\n", "reseal-epoch/1 4294971392\n",
                             "reseal-epoch/1 4096\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}) {
        folder.write("epoch", text);
        const auto opened = EpochStore::open(folder.path());
        ASSERT_FALSE(opened) << text;
        EXPECT_NE(opened.error().text().find("/epoch: is damaged"), std::string::npos) << opened.error().text();
        EXPECT_EQ(folder.read("epoch"), text);
    }
}

TEST(EpochStore, RefusesAMissingFolder) {
    const TempFolder folder;
    EXPECT_FALSE(EpochStore::open(folder / "missing"));
}

TEST(EpochStore, NeverReusesAnEpochAfterAKill) {
    const TempFolder folder;
    std::uint32_t highest = 0;
    for (std::size_t kill = 0; kill < 10; ++kill) {
        const auto taken =
            killed_after<std::uint32_t>(1 + kill * 1500, [&](const std::function<void(std::uint32_t)>& report) {
                EpochStore store = open_epochs(folder);
                while (take_next(store) == RESEAL_OK) {
                    report(loaded(store));
                }
            });
        for (const std::uint32_t epoch : taken) {
            ASSERT_GT(epoch, highest);
            highest = epoch;
        }
    }
}

}  // namespace
}  // namespace reseal::state
