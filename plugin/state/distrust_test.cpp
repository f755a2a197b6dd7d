// After a backup was restored: what may have been accepted since is not accepted again.
#include "state/epoch_store.h"
#include "state/replay_file.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

keyring::KeyEpoch known(std::uint32_t key, std::uint32_t epoch) {
    return {keyring::key_id_of(envelope({key, 1, 0})), epoch};
}

class Distrust : public testing::Test {
  protected:
    TempFolder folder;
};

TEST_F(Distrust, AcceptsNoMessageOfAnEpochThatMayHaveBeenUsed) {
    ReplayStore store = open_store(folder);
    ASSERT_TRUE(accept(store, {1, 5, 7}));
    ASSERT_TRUE(store.distrust({}));
    EXPECT_FALSE(accept(store, {1, 5, 8})) << "captured after the backup, in the same epoch";
    EXPECT_FALSE(accept(store, {1, 6, 0})) << "captured after the backup, and after the sender's next start";
    EXPECT_FALSE(accept(store, {1, 6, 1})) << "the epoch is shown, not accepted";
    EXPECT_FALSE(accept(store, {1, 4, 0}));
    EXPECT_TRUE(accept(store, {1, 7, 0})) << "the sender's next epoch";
    EXPECT_TRUE(accept(store, {1, 7, 1}));
    EXPECT_FALSE(accept(store, {1, 7, 1}));
    EXPECT_TRUE(accept(store, {1, 8, 0})) << "all is as before";
}

TEST_F(Distrust, SaysOfAShownEpochThatItIsStale) {
    ReplayStore store = open_store(folder);
    ASSERT_TRUE(store.distrust(std::array{known(1, 5)}));
    EXPECT_EQ(store.check(envelope({1, 5, 0})), RESEAL_STALE_EPOCH);
    EXPECT_EQ(store.check(envelope({1, 6, 0})), RESEAL_OK);
    EXPECT_EQ(store.mark(envelope({1, 6, 0})), RESEAL_STALE_EPOCH);
}

TEST_F(Distrust, KnowsTheEpochsOfTheBackupAndKeysThatHadNone) {
    ReplayStore store = open_store(folder);
    ASSERT_TRUE(accept(store, {3, 9, 0}));
    ASSERT_TRUE(store.distrust(std::array{known(1, 5), known(2, 0), known(3, 4)}));
    EXPECT_FALSE(accept(store, {1, 5, 0}));
    EXPECT_FALSE(accept(store, {2, 1, 0}));
    EXPECT_TRUE(accept(store, {2, 2, 0}));
    EXPECT_FALSE(accept(store, {3, 9, 1})) << "what is here is newer than the backup";
    EXPECT_FALSE(store.highest(known(4, 0).key));
    EXPECT_TRUE(accept(store, {4, 1, 0})) << "a key made afterwards";
}

TEST_F(Distrust, OutlivesARestartAndAnotherWindow) {
    {
        ReplayStore store = open_store(folder);
        ASSERT_TRUE(accept(store, {1, 5, 7}));
        ASSERT_TRUE(store.distrust(std::array{known(2, 0)}));
        ASSERT_FALSE(accept(store, {1, 6, 0}));
    }
    ReplayStore store = open_store(folder, 256);
    EXPECT_FALSE(accept(store, {1, 6, 1}));
    EXPECT_FALSE(accept(store, {2, 1, 0}));
    EXPECT_FALSE(store.highest(known(9, 0).key));
    EXPECT_TRUE(accept(store, {1, 7, 0}));
}

TEST_F(Distrust, SettlesWhichEpochWasShownAtOnce) {
    {
        ReplayStore store = open_store(folder);
        ASSERT_TRUE(accept_unsettled(store, {1, 5, 7}));
        ASSERT_TRUE(store.distrust({}));
        ASSERT_EQ(store.mark(envelope({1, 6, 0})), RESEAL_STALE_EPOCH);
        ASSERT_TRUE(accept_unsettled(store, {1, 7, 0}));
    }
    ReplayStore store = open_store(folder);
    EXPECT_FALSE(accept(store, {1, 6, 1}));
    EXPECT_TRUE(accept(store, {1, 7, 0})) << "the sender need not begin another epoch";
}

TEST_F(Distrust, TheEpochsOfAStoreInUseCanBeRead) {
    ReplayStore store = open_store(folder);
    EXPECT_TRUE(ReplayStore::read_epochs(folder.path())->empty());
    ASSERT_TRUE(accept(store, {1, 5, 7}));
    ASSERT_TRUE(accept(store, {1, 6, 0}));
    ASSERT_TRUE(accept(store, {2, 3, 0}));
    const auto read = ReplayStore::read_epochs(folder.path());
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ((*read)[0].key, known(1, 0).key);
    EXPECT_EQ((*read)[0].epoch, 6U);
    EXPECT_EQ((*read)[1].epoch, 3U);
    folder.write("replay", "x");
    EXPECT_FALSE(ReplayStore::read_epochs(folder.path()));
}

TEST_F(Distrust, RaisesTheBrokersEpochsPastAllThatItMayHaveUsed) {
    ASSERT_TRUE(EpochStore::open(folder.path()));
    const std::uint32_t before = *EpochStore::reserved(folder.path());
    ASSERT_TRUE(EpochStore::raise(folder.path(), 0));
    EXPECT_GE(*EpochStore::reserved(folder.path()), before + EpochStore::raise_by);
    ASSERT_TRUE(EpochStore::raise(folder.path(), 1U << 30U));
    EXPECT_GE(*EpochStore::reserved(folder.path()), (1U << 30U) + EpochStore::raise_by);
    EXPECT_TRUE(EpochStore::open(folder.path())) << "it is a file that the broker takes";
    EXPECT_FALSE(EpochStore::raise(folder.path(), 0xfffff000U));
}

}  // namespace
}  // namespace reseal::state
