// SPDX-License-Identifier: Apache-2.0
// The epochs that this broker itself seals under.
#include "state/epoch_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

constexpr KeyId storage_key{1, 2, 3, 4, 5, 6, 7};
constexpr reseal_epoch sealed_epoch{9, {1, 2, 3, 4}};

TEST(OwnEpoch, IsRememberedWithItsKeyAndSalt) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        EXPECT_FALSE(store.is_own(storage_key, sealed_epoch));
        EXPECT_EQ(store.remember_own(storage_key, sealed_epoch), RESEAL_OK);
        EXPECT_EQ(store.remember_own(storage_key, sealed_epoch), RESEAL_OK) << "once more changes nothing";
    }
    const ReplayStore store = open_store(folder);
    EXPECT_TRUE(store.is_own(storage_key, sealed_epoch));
    EXPECT_FALSE(store.is_own({1, 2, 3, 4, 5, 6, 8}, sealed_epoch));
    EXPECT_FALSE(store.is_own(storage_key, {10, {1, 2, 3, 4}}));
    EXPECT_FALSE(store.is_own(storage_key, {9, {1, 2, 3, 5}})) << "another broker's";
}

TEST(OwnEpoch, IsNotAReplayWindow) {
    const TempFolder folder;
    ReplayStore store = open_store(folder);
    ASSERT_EQ(store.remember_own(storage_key, sealed_epoch), RESEAL_OK);
    EXPECT_FALSE(store.highest(storage_key));
    EXPECT_TRUE(ReplayStore::read_epochs(folder.path(), state_key())->empty());
}

TEST(OwnEpoch, SurvivesDistrustAndAnotherWindowSize) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        ASSERT_EQ(store.remember_own(storage_key, sealed_epoch), RESEAL_OK);
        end(std::move(store));
    }
    {
        const auto lock = FolderLock::take(folder.path());
        ASSERT_TRUE(ReplayStore::begin_anew(*lock, 128, state_key(), {}));
    }
    EXPECT_TRUE(open_store(folder).is_own(storage_key, sealed_epoch));
    EXPECT_TRUE(open_store(folder, 256).is_own(storage_key, sealed_epoch));
    EXPECT_TRUE(open_store(folder, 32).is_own(storage_key, sealed_epoch));
}

}  // namespace
}  // namespace reseal::state
