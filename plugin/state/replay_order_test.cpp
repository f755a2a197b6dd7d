// SPDX-License-Identifier: Apache-2.0
// A file of many keys. Opening it again puts it in the order of the keys.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "state/replay_file.h"
#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

constexpr std::uint32_t keys = 20000;
constexpr std::size_t order_record_size = 128;

class ReplayOrder : public testing::Test {
  protected:
    ReplayOrder() {
        ReplayStore store = open_store(folder);
        for (std::uint32_t key = 0; key < keys; ++key) {
            EXPECT_TRUE(accept(store, {key, 1, 5}));
        }
        end(std::move(store));
    }

    [[nodiscard]] std::uint32_t sorted() const {
        const auto file = ReplayFile::open(folder / "replay", state_key());
        EXPECT_TRUE(file);
        return file->sorted();
    }
    // Where the record of `key` lies in the file.
    [[nodiscard]] std::size_t place_of(std::uint32_t key) const {
        const auto file = ReplayFile::open(folder / "replay", state_key());
        const auto found = file->find_sorted(key_id_of(envelope({key, 1, 0})));
        EXPECT_TRUE(found.index);
        return header_size + found.index.value_or(0) * order_record_size;
    }
    // Opens it and ends, which sorts it.
    void put_in_order() { end(open_store(folder)); }
    void damage(std::size_t at, const std::string& bytes) {
        std::string contents = folder.read("replay");
        contents.replace(at, bytes.size(), bytes);
        folder.write("replay", contents);
    }
    // The keys whose accepted message is no longer known.
    static std::vector<std::uint32_t> not_replayed(const ReplayStore& store) {
        std::vector<std::uint32_t> out;
        for (std::uint32_t key = 0; key < keys; ++key) {
            if (store.check(envelope({key, 1, 5})) != RESEAL_REPLAY) {
                out.push_back(key);
            }
        }
        return out;
    }

    TempFolder folder;
};

TEST_F(ReplayOrder, IsBuiltWhenMuchIsNewAndFindsEveryKey) {
    EXPECT_EQ(sorted(), 0U);
    const ReplayStore store = open_store(folder);
    EXPECT_EQ(sorted(), keys);
    EXPECT_TRUE(not_replayed(store).empty());
    EXPECT_EQ(store.check(envelope({7, 1, 6})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({keys, 1, 5})), RESEAL_OK);
    EXPECT_EQ(store.highest(key_id_of(envelope({9, 1, 0})))->counter, 5U);
    EXPECT_FALSE(store.highest(key_id_of(envelope({keys, 1, 0}))));
}

TEST_F(ReplayOrder, TakesAtMost128BytesAKeyAndTwoPages) {
    put_in_order();
    EXPECT_EQ(std::filesystem::file_size(folder / "replay"), header_size + keys * order_record_size);
}

TEST_F(ReplayOrder, IsKeptWhileLittleIsNew) {
    put_in_order();
    {
        ReplayStore store = open_store(folder);
        EXPECT_TRUE(accept(store, {3, 1, 8}));
        EXPECT_TRUE(accept(store, {keys + 1, 1, 8}));
    }
    ReplayStore store = open_store(folder);
    EXPECT_EQ(sorted(), keys);
    EXPECT_EQ(store.check(envelope({3, 1, 8})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({3, 1, 7})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({keys + 1, 1, 8})), RESEAL_REPLAY);
    EXPECT_TRUE(accept(store, {keys + 1, 1, 9}));
}

// A limit on the size of a file stands for a full disk.
TEST_F(ReplayOrder, IsOptionalWhereItCannotBeWritten) {
    const int code = exit_code_of([&] {
        const rlimit none{.rlim_cur = std::filesystem::file_size(folder / "replay") / 2, .rlim_max = RLIM_INFINITY};
        (void)std::signal(SIGXFSZ, SIG_IGN);
        if (::setrlimit(RLIMIT_FSIZE, &none) != 0) {
            return 1;
        }
        const auto store = try_open(folder.path());
        return !store ? 2 : not_replayed(*store).empty() ? 0 : 3;
    });
    EXPECT_EQ(code, 0);
    EXPECT_EQ(sorted(), 0U);
}

TEST_F(ReplayOrder, SurvivesAnotherWindowSize) {
    put_in_order();
    const ReplayStore store = open_store(folder, 256);
    EXPECT_EQ(sorted(), keys);
    EXPECT_TRUE(not_replayed(store).empty());
    EXPECT_EQ(store.check(envelope({7, 1, 6})), RESEAL_OK);
}

// It opens, so it does not read the whole file.
TEST_F(ReplayOrder, RefusesTheKeyOfADamagedRecordAndSaysSoOnce) {
    put_in_order();
    damage(place_of(1000) + 40, "\x55");  // in its words
    ReplayStore store = open_store(folder);
    EXPECT_FALSE(store.take_damage());
    EXPECT_EQ(store.check(envelope({1000, 1, 6})), RESEAL_WINDOW_NOT_STORED);
    EXPECT_EQ(store.mark(envelope({1000, 1, 6})), RESEAL_WINDOW_NOT_STORED);
    EXPECT_EQ(not_replayed(store), std::vector<std::uint32_t>{1000});
    const auto found = store.take_damage();
    ASSERT_TRUE(found);
    EXPECT_NE(found->text().find("/replay: is damaged: there are windows that are not as they were written"),
              std::string::npos)
        << found->text();
    EXPECT_FALSE(store.take_damage());

    reseal_envelope fresh = envelope({1000, 1, 0});
    fresh.key_id[6] = 0xef;
    EXPECT_EQ(store.check(fresh), RESEAL_OK) << "the other half shows whose record it is";
    EXPECT_TRUE(accept(store, {keys + 1, 1, 0}));
}

TEST_F(ReplayOrder, RefusesTheKeyOfALostRecordAndNewKeysInItsPlace) {
    put_in_order();
    damage(place_of(1000), std::string(order_record_size, '\0'));
    const ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({1000, 1, 5})), RESEAL_WINDOW_NOT_STORED);
    EXPECT_EQ(not_replayed(store), std::vector<std::uint32_t>{1000});
    reseal_envelope fresh = envelope({1000, 1, 0});
    fresh.key_id[6] = 0xef;
    EXPECT_EQ(store.check(fresh), RESEAL_WINDOW_NOT_STORED) << "it could be the lost one's";
}

TEST_F(ReplayOrder, FindsTheOthersWhateverKeyIdIsDamaged) {
    put_in_order();
    const std::size_t place = place_of(keys / 2) + 1;
    for (const char byte : {'\x00', '\xff'}) {
        damage(place, std::string(7, byte));
        ReplayStore store = open_store(folder);
        EXPECT_EQ(not_replayed(store), std::vector<std::uint32_t>{keys / 2});
        end(std::move(store));
    }
}

TEST_F(ReplayOrder, ForgetsUnsettledMarksInAndAfterTheSortedPart) {
    put_in_order();
    {
        ReplayStore store = open_store(folder);
        ASSERT_TRUE(accept(store, {keys, 1, 8}));
        ASSERT_TRUE(accept_unsettled(store, {3, 1, 8}));
        ASSERT_TRUE(accept_unsettled(store, {keys, 1, 9}));
    }
    EXPECT_EQ(open_store(folder).check(envelope({3, 1, 8})), RESEAL_OK);
    const ReplayStore store = open_store(folder, 256);
    EXPECT_EQ(store.check(envelope({3, 1, 8})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({keys, 1, 9})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({keys, 1, 8})), RESEAL_REPLAY);
}

TEST_F(ReplayOrder, IsNotBuiltFromAFileWithADuplicateKey) {
    put_in_order();
    {
        auto file = ReplayFile::open(folder / "replay", state_key());
        ASSERT_TRUE(file->start());
        std::array<std::uint32_t, RESEAL_WINDOW_WORDS(128)> words{};
        reseal_replay window{{}, 0, 128, words.data()};
        const reseal_epoch epoch{.number = 1};
        reseal_replay_mark(&window, &epoch, 5);
        EXPECT_TRUE(file->append(file->record(0).key_id(), window, Trust::full));
    }
    const auto again = try_open(folder.path(), 64);
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().text().find("repeats a key id"), std::string::npos);
}

}  // namespace
}  // namespace reseal::state
