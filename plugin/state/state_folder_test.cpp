// SPDX-License-Identifier: Apache-2.0
// The folder and its registry: what a crash may leave, and what an older program left.
#include "state/state_folder.h"

#include <gtest/gtest.h>

#include <cstring>

#include "keyring/admin_registry.h"
#include "keyring/raw_database.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

class StateFolderTest : public testing::Test {
  protected:
    StateFolderTest() { EXPECT_TRUE(keyring::AdminRegistry::create(registry_file)); }

    keyring::Registry registry() const {
        return std::move(*keyring::Registry::open(registry_file, keyring::writer_patience));
    }
    [[nodiscard]] Checked<StateFolder> open(std::uint32_t window = 128) const {
        keyring::Registry known = registry();
        return StateFolder::open(folder.path(), window, state_key(), known);
    }
    [[nodiscard]] std::string refusal() const {
        const auto opened = open();
        return opened ? "" : opened.error().text();
    }
    void end(StateFolder state) const {
        keyring::Registry known = registry();
        EXPECT_TRUE(state::end(state.replay, state.epochs, known));
    }
    [[nodiscard]] bool accepts(const Message& message) const {
        auto state = open();
        EXPECT_TRUE(state) << state.error().text();
        const bool accepted = accept(state->replay, message);
        end(std::move(*state));
        return accepted;
    }
    [[nodiscard]] std::uint64_t generation() const { return registry().states()->front().generation; }

    TempFolder folder;
    TempFolder elsewhere;
    std::string registry_file = elsewhere / "registry.db";
};

TEST_F(StateFolderTest, IsMadeByTheFirstStartAndKnownFromThenOn) {
    EXPECT_TRUE(accepts({1, 1, 5}));
    ASSERT_EQ(registry().states()->size(), 1U);
    EXPECT_EQ(registry().states()->front().epoch, EpochStore::block);
    const std::uint64_t before = generation();
    EXPECT_FALSE(accepts({1, 1, 5}));
    EXPECT_EQ(generation(), before + 2) << "a start and an end";
    EXPECT_EQ(registry().states()->size(), 1U);
}

// A start dies after it wrote the file and before it wrote the row.
TEST_F(StateFolderTest, ContinuesHoweverOftenACrashComesBetweenFileAndRow) {
    {
        const auto lock = FolderLock::take(folder.path());
        ASSERT_TRUE(ReplayStore::make(*lock, 128, state_key()));
    }
    EXPECT_TRUE(accepts({1, 1, 5})) << "before the very first row";
    for (int crash = 0; crash < 3; ++crash) {
        const auto state = open();
        ASSERT_TRUE(state) << state.error().text();
        keyring::StateRecord row = registry().states()->front();
        ASSERT_EQ(row.generation, state->replay.identity().generation);
        --row.generation;
        ASSERT_TRUE(registry().put_state(row));
    }
    EXPECT_FALSE(accepts({1, 1, 5}));
}

TEST_F(StateFolderTest, GetsItsRowBeforeItsFileContinues) {
    EXPECT_TRUE(FolderLock::take(folder.path()));
    keyring::RawDatabase(registry_file)
        .run("CREATE TRIGGER crash BEFORE INSERT ON state WHEN NEW.generation > 1 BEGIN SELECT RAISE(ABORT, 'x'); END");
    EXPECT_FALSE(open()) << "it dies after the first row";
    ASSERT_EQ(registry().states()->size(), 1U);
    keyring::RawDatabase(registry_file).run("DROP TRIGGER crash");
    EXPECT_TRUE(accepts({1, 1, 5}));
}

TEST_F(StateFolderTest, ContinuesAfterAKillAndAfterAnEndWithoutItsRow) {
    {
        auto state = open();
        ASSERT_TRUE(state);
        ASSERT_TRUE(accept(state->replay, {1, 1, 5}));
    }
    EXPECT_FALSE(accepts({1, 1, 5}));
    {
        auto state = open();
        ASSERT_TRUE(state->replay.end());  // as if another process held the registry
    }
    EXPECT_FALSE(accepts({1, 1, 5}));
}

TEST_F(StateFolderTest, NoticesAFileFromAnEarlierRun) {
    EXPECT_TRUE(accepts({1, 1, 5}));
    const std::string older = folder.read("replay");
    EXPECT_TRUE(accepts({1, 1, 6}));
    const std::string newest = folder.read("replay");
    folder.write("replay", older);
    EXPECT_NE(refusal().find("/replay: is older than " + registry_file + " knows"), std::string::npos) << refusal();
    folder.write("replay", newest);
    EXPECT_FALSE(accepts({1, 1, 6}));
}

TEST_F(StateFolderTest, NoticesAFileFromBeforeAnOrderlyEnd) {
    std::string running;
    {
        auto state = open();
        ASSERT_TRUE(accept(state->replay, {1, 1, 5}));
        running = folder.read("replay");
        ASSERT_TRUE(accept(state->replay, {1, 1, 6}));
        end(std::move(*state));
    }
    folder.write("replay", running);
    EXPECT_NE(refusal().find("is older than"), std::string::npos) << refusal();
}

TEST_F(StateFolderTest, NoticesAMissingReplayFileInAnUnregisteredFolder) {
    folder.write("epoch", "reseal-epoch/1 4096\n");
    EXPECT_NE(refusal().find("/replay: is missing, but there is " + folder / "epoch"), std::string::npos) << refusal();
}

TEST_F(StateFolderTest, RaisesTheRowsEpochWithEachBlock) {
    {
        auto state = open();
        const reseal_epoch_store port = state->epochs.port();
        ASSERT_EQ(port.store(port.context, 3 * EpochStore::block), RESEAL_OK);
        end(std::move(*state));
    }
    EXPECT_EQ(registry().states()->front().epoch, 3 * EpochStore::block);
    folder.write("epoch", "reseal-epoch/1 8192\n");
    EXPECT_NE(refusal().find("/epoch: is older than " + registry_file + " knows: it should be 12288 or more"),
              std::string::npos)
        << refusal();
}

// A file as an older program wrote it: a window of 128, records of 64 bytes.
std::string file_of_version_1() {
    std::string out(4096 + 2 * 64, '\0');
    const auto put = [&](std::size_t at, std::uint32_t value) { std::memcpy(out.data() + at, &value, sizeof value); };
    out.replace(0, 8, "rslreply");
    put(8, 1);
    put(12, 128);
    put(16, 64);
    put(20, 2);
    const auto record = [&](std::size_t at, std::uint32_t key, std::uint8_t state, std::uint32_t epoch,
                            std::uint32_t top, std::uint32_t word) {
        put(at, key);
        out.at(at + 6) = '\xee';
        out.at(at + 7) = static_cast<char>(state);
        const std::size_t slot = at + 8 + (state & 1U) * 28;
        put(slot, epoch);
        put(slot + 8, top);
        put(slot + 12, word);
    };
    record(4096, 2, 0x01, 4, 5, 0x28);       // counters 3 and 5 of epoch 4, in its second slot
    record(4096 + 64, 1, 0x80, 7, 0, 0x01);  // under distrust up to epoch 7
    return out;
}

TEST_F(StateFolderTest, AdoptsAFileOfAnOlderProgramOnce) {
    folder.write("replay", file_of_version_1());
    folder.write("epoch", "reseal-epoch/1 4096\n");
    EXPECT_EQ(ReplayStore::read_epochs(folder.path(), state_key())->size(), 2U)
        << "for a backup before the first start";
    EXPECT_FALSE(accepts({2, 4, 3}));
    EXPECT_TRUE(accepts({2, 4, 4}));
    EXPECT_FALSE(accepts({2, 4, 5}));
    EXPECT_FALSE(accepts({1, 7, 9}));
    EXPECT_FALSE(accepts({1, 8, 0})) << "shown";
    EXPECT_TRUE(accepts({1, 9, 0}));
    folder.write("replay", file_of_version_1());
    EXPECT_NE(refusal().find("/replay: is not the one that " + registry_file + " knows"), std::string::npos)
        << refusal();
}

TEST_F(StateFolderTest, AdoptsAFileOfAnOlderProgramWithAnotherWindowSize) {
    folder.write("replay", file_of_version_1());
    auto state = open(256);
    ASSERT_TRUE(state) << state.error().text();
    EXPECT_FALSE(accept(state->replay, {2, 4, 5}));
    EXPECT_TRUE(accept(state->replay, {2, 4, 4}));
}

TEST_F(StateFolderTest, RefusesADamagedFileOfAnOlderProgram) {
    std::string contents = file_of_version_1();
    contents.at(4096 + 7) = '\x0c';
    folder.write("replay", contents);
    EXPECT_NE(refusal().find("/replay: is damaged: record 0 is not one that a program writes"), std::string::npos);
    EXPECT_EQ(folder.read("replay"), contents);
}

TEST_F(StateFolderTest, IsInspectedWhileInUseWithoutAnyChange) {
    keyring::Registry known = registry();
    EXPECT_TRUE(inspect(folder.path(), state_key(), known).empty()) << "a new site";
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    auto state = open();
    ASSERT_TRUE(accept(state->replay, {1, 1, 5}));
    ASSERT_TRUE(accept_unsettled(state->replay, {1, 1, 6}));
    const std::string before = folder.read("replay");
    EXPECT_TRUE(inspect(folder.path(), state_key(), known).empty());
    EXPECT_EQ(folder.read("replay"), before);
}

}  // namespace
}  // namespace reseal::state
