// SPDX-License-Identifier: Apache-2.0
// After a backup was restored, or the file lost, no message that may have been accepted since is accepted again.
#include "state/epoch_store.h"
#include "state/replay_file.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

KeyEpoch known(std::uint32_t key, std::uint32_t epoch) {
    return {key_id_of(envelope({key, 1, 0})), epoch};
}

class Distrust : public testing::Test {
  protected:
    Distrust() { end(open_store(folder)); }
    void accept_and_end(const Message& message) const {
        ReplayStore store = open_store(folder);
        ASSERT_TRUE(accept(store, message));
        end(std::move(store));
    }
    void distrust(std::span<const KeyEpoch> keys = {}) const {
        const auto lock = FolderLock::take(folder.path());
        ASSERT_TRUE(lock);
        const auto begun = ReplayStore::begin_anew(*lock, 128, state_key(), keys);
        ASSERT_TRUE(begun) << begun.error().text();
    }
    TempFolder folder;
};

TEST_F(Distrust, AcceptsNoMessageFromAnEpochThatMayHaveBeenUsed) {
    accept_and_end({1, 5, 7});
    distrust();
    ReplayStore store = open_store(folder);
    EXPECT_FALSE(accept(store, {1, 5, 8})) << "captured after the backup, in the same epoch";
    EXPECT_FALSE(accept(store, {1, 6, 0})) << "captured after the backup, and after the sender's next start";
    EXPECT_FALSE(accept(store, {1, 6, 1})) << "the epoch is shown, not accepted";
    EXPECT_FALSE(accept(store, {1, 4, 0}));
    EXPECT_TRUE(accept(store, {1, 7, 0})) << "the sender's next epoch";
    EXPECT_TRUE(accept(store, {1, 7, 1}));
    EXPECT_FALSE(accept(store, {1, 7, 1}));
    EXPECT_TRUE(accept(store, {1, 8, 0})) << "all is as before";
}

TEST_F(Distrust, ReportsAShownEpochAsStale) {
    distrust(std::array{known(1, 5)});
    ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({1, 5, 0})), RESEAL_STALE_EPOCH);
    EXPECT_EQ(store.check(envelope({1, 6, 0})), RESEAL_OK);
    EXPECT_EQ(store.mark(envelope({1, 6, 0})), RESEAL_STALE_EPOCH);
}

TEST_F(Distrust, KnowsTheEpochsOfTheBackupAndKeysWithoutAny) {
    accept_and_end({3, 9, 0});
    distrust(std::array{known(1, 5), known(2, 0), known(3, 4)});
    ReplayStore store = open_store(folder);
    EXPECT_FALSE(accept(store, {1, 5, 0}));
    EXPECT_FALSE(accept(store, {2, 1, 0}));
    EXPECT_TRUE(accept(store, {2, 2, 0}));
    EXPECT_FALSE(accept(store, {3, 9, 1})) << "what is here is newer than the backup";
    EXPECT_FALSE(store.highest(known(4, 0).key));
    EXPECT_TRUE(accept(store, {4, 1, 0})) << "a key made afterwards";
}

TEST_F(Distrust, SalvagesWhatCanBeVerifiedFromADamagedFile) {
    accept_and_end({1, 5, 7});
    accept_and_end({2, 5, 7});
    std::string contents = folder.read("replay");
    contents.replace(header_size, 128, 128, '\0');  // the first of the two
    folder.write("replay", contents);
    ASSERT_FALSE(try_open(folder.path()));
    distrust(std::array{known(1, 3)});
    ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({1, 4, 0})), RESEAL_OK) << "the backup knows 3, to be shown";
    EXPECT_EQ(store.check(envelope({2, 5, 8})), RESEAL_STALE_EPOCH);
}

TEST_F(Distrust, WorksWithoutAFileOrAnythingSoundInIt) {
    folder.write("replay", "x");
    distrust(std::array{known(1, 3)});
    EXPECT_EQ(open_store(folder).check(envelope({1, 3, 9})), RESEAL_STALE_EPOCH);
    std::filesystem::remove(folder / "replay");
    distrust(std::array{known(1, 4)});
    EXPECT_EQ(open_store(folder).check(envelope({1, 4, 9})), RESEAL_STALE_EPOCH);
}

TEST_F(Distrust, SurvivesARestartAndAnotherWindowSize) {
    accept_and_end({1, 5, 7});
    distrust(std::array{known(2, 0)});
    {
        ReplayStore store = open_store(folder);
        ASSERT_FALSE(accept(store, {1, 6, 0}));
    }
    ReplayStore store = open_store(folder, 256);
    EXPECT_FALSE(accept(store, {1, 6, 1}));
    EXPECT_FALSE(accept(store, {2, 1, 0}));
    EXPECT_FALSE(store.highest(known(9, 0).key));
    EXPECT_TRUE(accept(store, {1, 7, 0}));
}

TEST_F(Distrust, SettlesWhichEpochWasShownAtOnce) {
    accept_and_end({1, 5, 7});
    distrust();
    {
        ReplayStore store = open_store(folder);
        ASSERT_EQ(store.mark(envelope({1, 6, 0})), RESEAL_STALE_EPOCH);
        ASSERT_TRUE(accept_unsettled(store, {1, 7, 0}));
    }
    ReplayStore store = open_store(folder);
    EXPECT_FALSE(accept(store, {1, 6, 1}));
    EXPECT_TRUE(accept(store, {1, 7, 0})) << "the sender need not begin another epoch";
}

TEST_F(Distrust, CanReadTheEpochsOfAStoreInUse) {
    ReplayStore store = open_store(folder);
    EXPECT_TRUE(ReplayStore::read_epochs(folder.path(), state_key())->empty());
    ASSERT_TRUE(accept(store, {1, 5, 7}));
    ASSERT_TRUE(accept(store, {1, 6, 0}));
    ASSERT_TRUE(accept(store, {2, 3, 0}));
    const auto read = ReplayStore::read_epochs(folder.path(), state_key());
    ASSERT_TRUE(read);
    ASSERT_EQ(read->size(), 2U);
    EXPECT_EQ((*read)[0].key, known(1, 0).key);
    EXPECT_EQ((*read)[0].epoch, 6U);
    EXPECT_EQ((*read)[1].epoch, 3U);
    folder.write("replay", "x");
    EXPECT_FALSE(ReplayStore::read_epochs(folder.path(), state_key()));
}

TEST_F(Distrust, RaisesTheBrokersEpochsPastAnyThatMayHaveBeenUsed) {
    ASSERT_TRUE(EpochStore::open(folder.path()));
    const std::uint32_t before = *EpochStore::reserved(folder.path());
    EXPECT_GE(*EpochStore::raise(folder.path(), 0), before + EpochStore::raise_by);
    ASSERT_TRUE(EpochStore::raise(folder.path(), 1U << 30U));
    EXPECT_GE(*EpochStore::reserved(folder.path()), (1U << 30U) + EpochStore::raise_by);
    EXPECT_TRUE(EpochStore::open(folder.path())) << "it is a file that the broker takes";
    EXPECT_FALSE(EpochStore::raise(folder.path(), 0xfffff000U));
}

TEST_F(Distrust, RaisesTheBrokersEpochsPastWhatTheRegistryKnowsIfTheFileIsDamaged) {
    folder.write("epoch", "x");
    EXPECT_GE(*EpochStore::raise(folder.path(), 4096), 4096 + EpochStore::raise_by);
}

}  // namespace
}  // namespace reseal::state
