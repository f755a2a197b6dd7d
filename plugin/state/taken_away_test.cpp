// SPDX-License-Identifier: Apache-2.0
// The files of the state folder are removed, replaced, cut or overwritten while they are in use.
#include <gtest/gtest.h>

#include <filesystem>

#include "state/epoch_store.h"
#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

namespace fs = std::filesystem;

class ReplayTakenAway : public testing::Test {
  protected:
    ReplayTakenAway() {
        EXPECT_TRUE(accept(store, known));
        EXPECT_FALSE(store.look());
    }

    [[nodiscard]] std::string path() const { return folder / "replay"; }
    void expect_said(const std::string& what) {
        const auto fault = store.look();
        ASSERT_TRUE(fault);
        EXPECT_NE(fault->text().find(path() + ": was " + what), std::string::npos) << fault->text();
        EXPECT_FALSE(store.look()) << "said once";
    }
    // After an orderly end the file is back, with all that was accepted.
    void expect_whole() {
        EXPECT_TRUE(accept(store, later));
        end(std::move(store));
        ReplayStore next = open_store(folder);
        EXPECT_EQ(next.check(envelope(known)), RESEAL_REPLAY);
        EXPECT_EQ(next.check(envelope(later)), RESEAL_REPLAY);
        EXPECT_FALSE(next.look());
    }
    void expect_all_refused() {
        EXPECT_EQ(store.check(envelope(known)), RESEAL_WINDOW_NOT_STORED);
        EXPECT_EQ(store.check(envelope(later)), RESEAL_WINDOW_NOT_STORED);
        EXPECT_EQ(store.check(envelope({77, 1, 0})), RESEAL_WINDOW_NOT_STORED) << "a new key";
        EXPECT_EQ(store.mark(envelope(later)), RESEAL_WINDOW_NOT_STORED);
        EXPECT_EQ(store.remember_own({}, {1, {}}), RESEAL_WINDOW_NOT_STORED);
        EXPECT_FALSE(store.newest_list("CN=x"));
        store.settle();
        const auto ended = store.end();
        ASSERT_FALSE(ended);
        EXPECT_NE(ended.error().text().find("provision distrust"), std::string::npos) << ended.error().text();
    }

    const Message known{1, 1, 10};
    const Message later{1, 1, 11};
    TempFolder folder;
    ReplayStore store = open_store(folder);
};

TEST_F(ReplayTakenAway, IsPutBackWhenItWasRemoved) {
    fs::remove(path());
    expect_said("removed or replaced");
    expect_whole();
}

TEST_F(ReplayTakenAway, IsPutBackWhenItWasReplaced) {
    fs::copy_file(path(), folder / "older");
    ASSERT_TRUE(accept(store, {1, 1, 9}));
    fs::rename(folder / "older", path());
    expect_said("removed or replaced");
    expect_whole();
}

TEST_F(ReplayTakenAway, SaysNothingMoreWhenItIsBackInPlace) {
    fs::rename(path(), folder / "elsewhere");
    expect_said("removed or replaced");
    fs::rename(folder / "elsewhere", path());
    EXPECT_FALSE(store.look());
    expect_whole();
}

TEST_F(ReplayTakenAway, IsPutBackEvenIfNobodyCheckedBeforeTheEnd) {
    fs::remove(path());
    expect_whole();
}

TEST_F(ReplayTakenAway, IsRefusedForAllWhenItWasTruncated) {
    ASSERT_TRUE(accept_unsettled(store, {2, 1, 0}));
    fs::resize_file(path(), 0);
    expect_said("cut short or overwritten");
    expect_all_refused();
}

TEST_F(ReplayTakenAway, IsRefusedForAllWhenOverwrittenWithAnOlderOne) {
    end(std::move(store));
    fs::copy_file(path(), folder / "older");
    store = open_store(folder);
    EXPECT_EQ(store.check(envelope(known)), RESEAL_REPLAY);
    folder.write("replay", folder.read("older"));
    expect_said("cut short or overwritten");
    expect_all_refused();
}

TEST(EpochsTakenAway, AreRestored) {
    const TempFolder folder;
    auto epochs = EpochStore::open(folder.path());
    ASSERT_TRUE(epochs);
    const std::string right = folder.read("epoch");
    const auto said = [&] { return epochs->look() || epochs->look(); };
    EXPECT_FALSE(said());
    fs::remove(folder / "epoch");
    EXPECT_TRUE(said());
    EXPECT_EQ(folder.read("epoch"), right);
    folder.write("epoch", "reseal-epoch/1 0\n");
    EXPECT_TRUE(said());
    EXPECT_EQ(folder.read("epoch"), right);
    folder.write("epoch", right);
    EXPECT_FALSE(said()) << "the same again";
}

TEST(ListDates, SurviveTheProcessAndDistrust) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        EXPECT_EQ(*store.newest_list("CN=a"), 0U);
        store.note_list("CN=a", 1000);
        store.note_list("CN=a", 900);
        store.note_list("CN=b", 5);
    }
    EXPECT_EQ(*ReplayStore::read_newest_list(folder.path(), state_key(), "CN=a"), 1000U);
    {
        ReplayStore store = open_store(folder, 256);
        EXPECT_EQ(*store.newest_list("CN=a"), 1000U);
        store.note_list("CN=a", 1001);
        end(std::move(store));
    }
    EXPECT_TRUE(ReplayStore::begin_anew(*FolderLock::take(folder.path()), 128, state_key(), {}));
    EXPECT_EQ(*open_store(folder).newest_list("CN=a"), 1001U);
    EXPECT_EQ(*open_store(folder).newest_list("CN=b"), 5U);
    EXPECT_TRUE(ReplayStore::read_epochs(folder.path(), state_key())->empty()) << "no key's epoch";
}

}  // namespace
}  // namespace reseal::state
