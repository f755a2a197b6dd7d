#include "state/replay_store.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>

#include "state/state_test_support.h"

namespace reseal::state {
namespace {

TEST(ReplayStore, MakesItsFileWithMode0600) {
    const TempFolder folder;
    open_store(folder);
    EXPECT_EQ(folder.mode("replay"), 0600U);
}

TEST(ReplayStore, AcceptsEachMessageOnceAlsoAfterAReopen) {
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

TEST(ReplayStore, ChangesNothingWhenItOnlyChecks) {
    const TempFolder folder;
    const ReplayStore store = open_store(folder);
    const std::string before = folder.read("replay");
    EXPECT_EQ(store.check(envelope({1, 1, 1})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({1, 1, 1})), RESEAL_OK);
    EXPECT_EQ(folder.read("replay"), before);
}

TEST(ReplayStore, GrowsForManyKeysAndKnowsAllOfThemAgain) {
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

TEST(ReplayStore, RefusesASecondProcessUntilTheFirstIsGone) {
    const TempFolder folder;
    const auto second = [&] {
        const auto opened = ReplayStore::open(folder.path(), 128);
        return opened ? 0 : opened.error().problem.find("in use by another process") != std::string::npos ? 1 : 2;
    };
    {
        const ReplayStore first = open_store(folder);
        EXPECT_EQ(exit_code_of(second), 1);
    }
    EXPECT_EQ(exit_code_of(second), 0);
}

TEST(ReplayStore, RefusesAFolderThatIsMissingOrAFile) {
    const TempFolder folder;
    folder.write("file", "");
    for (const char* name : {"missing", "file"}) {
        const auto opened = ReplayStore::open(folder / name, 128);
        ASSERT_FALSE(opened) << name;
        EXPECT_EQ(opened.error().file, folder / name);
    }
}

TEST(ReplayStore, RefusesAFolderThatItMayNotWrite) {
    const TempFolder folder;
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    const int code =
        exit_code_of([&] { return keyring::become_nobody() && !ReplayStore::open(folder.path(), 128) ? 0 : 1; });
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    EXPECT_EQ(code, 0);
}

TEST(ReplayStore, RefusesWindowsThatTheProtocolDoesNotKnow) {
    const TempFolder folder;
    for (const std::uint32_t window : {0U, 31U, 33U, 4097U, 4128U}) {
        EXPECT_FALSE(ReplayStore::open(folder.path(), window)) << window;
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

// What the store promises, in the most naive way.
class Model {
  public:
    bool accept(const Message& message, std::uint32_t window) {
        Key& key = keys_[message.key];
        if (message.epoch < key.epoch || (message.epoch == key.epoch && message.salt != key.salt)) {
            return false;
        }
        if (message.epoch > key.epoch) {
            key = {message.epoch, message.salt, {}, 0};
        }
        const bool left = !key.accepted.empty() && message.counter + window <= *key.accepted.rbegin();
        if (left || message.counter < key.unknown_below || !key.accepted.insert(message.counter).second) {
            return false;
        }
        return true;
    }

    // After another size of the window: what was left of the old one is not known any more.
    void convert(std::uint32_t old_window) {
        for (auto& [id, key] : keys_) {
            const std::uint32_t end = key.accepted.empty() ? 0 : *key.accepted.rbegin() + 1;
            key.unknown_below = std::max(key.unknown_below, end > old_window ? end - old_window : 0);
        }
    }

  private:
    struct Key {
        std::uint32_t epoch = 0;
        std::uint8_t salt = 0;
        std::set<std::uint32_t> accepted;
        std::uint32_t unknown_below = 0;
    };
    std::map<std::uint32_t, Key> keys_;
};

TEST(ReplayStore, AcceptsExactlyWhatANaiveModelAcceptsAcrossReopensAndWindows) {
    const TempFolder folder;
    std::mt19937 random(20240229);  // NOLINT(cert-msc*): the same test every time
    const auto upto = [&](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); };
    const std::array<std::uint32_t, 7> windows{128, 32, 96, 4096, 64, 1024, 128};
    std::uint32_t window = 128;
    Model model;
    std::uint32_t accepted = 0;
    std::array<std::uint32_t, 4> base{};
    for (int round = 0; round < 60; ++round) {
        const std::uint32_t next = round % 3 == 0 ? windows[upto(7)] : window;
        if (next != window) {
            model.convert(window);
        }
        window = next;
        ReplayStore store = open_store(folder, window);
        for (int step = 0; step < 1000; ++step) {
            const std::uint32_t key = upto(4);
            base[key] += upto(50) == 0 ? upto(3 * window) : upto(3);
            const std::uint32_t back = upto(2 * window);
            const std::uint32_t epoch = 1 + static_cast<std::uint32_t>(round / 20) - (upto(100) == 0 ? 1 : 0);
            const std::uint32_t counter = (base[key] > back ? base[key] - back : base[key]) % (1U << 20);
            const Message message{key, epoch, counter, static_cast<std::uint8_t>(upto(100) == 0)};
            const bool expected = epoch != 0 && model.accept(message, window);
            ASSERT_EQ(accept(store, message), expected)
                << "round " << round << " key " << key << " epoch " << epoch << " counter " << counter;
            accepted += expected ? 1 : 0;
        }
    }
    EXPECT_GT(accepted, 10000U) << "the test has tested something";
}

TEST(ReplayStore, CountsWhatItCannotKnowAsAcceptedAfterWidening) {
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
