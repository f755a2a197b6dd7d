#include <gtest/gtest.h>

#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

constexpr std::size_t header_size = 4096;
constexpr std::size_t version_at = 8;
constexpr std::size_t window_at = 12;
constexpr std::size_t record_size_at = 16;
constexpr std::size_t count_at = 20;
constexpr std::size_t second_slot = header_size + 36;  // of the first record; the first mark is in it

class ReplayDamage : public testing::Test {
  protected:
    ReplayDamage() {
        ReplayStore store = open_store(folder);
        EXPECT_TRUE(accept(store, {1, 1, 5}));
        EXPECT_TRUE(accept(store, {2, 1, 5}));
    }
    void SetUp() override { good = folder.read("replay"); }

    // What open says of the file with the bytes at `at` replaced; the file must stay as it is.
    std::string refusal(std::size_t at, const std::string& bytes) {
        std::string changed = good;
        changed.replace(at, bytes.size(), bytes);
        return refusal_of(changed);
    }
    std::string refusal_of(const std::string& contents) {
        folder.write("replay", contents);
        const auto opened = ReplayStore::open(folder.path(), 128);
        EXPECT_EQ(folder.read("replay"), contents) << "never begun anew";
        return opened ? "opened" : opened.error().text();
    }
    static void expect_damage(const std::string& refusal) {
        EXPECT_NE(refusal.find("/replay: is damaged"), std::string::npos) << refusal;
        EXPECT_NE(refusal.find("restore it from a backup"), std::string::npos) << refusal;
    }

    TempFolder folder;
    std::string good;
};

TEST_F(ReplayDamage, OpensTheUndamagedFile) {
    EXPECT_EQ(refusal_of(good), "opened");
}

TEST_F(ReplayDamage, RefusesAnEmptyAShortAndAForeignFile) {
    expect_damage(refusal_of(""));
    expect_damage(refusal_of(good.substr(0, header_size - 1)));
    expect_damage(refusal_of(std::string(8192, 'x')));
}

TEST_F(ReplayDamage, RefusesAnotherVersionAndSaysWhich) {
    const std::string said = refusal(version_at, std::string(1, 7));
    EXPECT_NE(said.find("version 7, this program wants version 1"), std::string::npos) << said;
}

TEST_F(ReplayDamage, RefusesWindowsAndRecordSizesThatItNeverWrites) {
    expect_damage(refusal(window_at, std::string(1, 33)));
    expect_damage(refusal(window_at, std::string("\0", 1)));
    expect_damage(refusal(record_size_at, std::string(1, 65)));
}

TEST_F(ReplayDamage, RefusesMoreRecordsThanTheFileHas) {
    expect_damage(refusal(count_at, "\xff\xff\xff\xff"));
    expect_damage(refusal_of(good.substr(0, header_size + 64)));
}

TEST_F(ReplayDamage, RefusesARecordThatItNeverWrites) {
    expect_damage(refusal(header_size + 7, "\x04"));                        // a state that it does not know
    expect_damage(refusal(second_slot + 10, "\x10"));                       // counter 2^20 and more
    expect_damage(refusal(second_slot + 8, "\x06"));                        // highest counter without its mark
    expect_damage(refusal(second_slot, std::string(1, '\0')));              // epoch 0, but marks
    expect_damage(refusal(header_size + 64, good.substr(header_size, 7)));  // the same key id twice
}

TEST_F(ReplayDamage, TakesARecordThatALossOfPowerTookBackAsNeverMade) {
    EXPECT_EQ(refusal(header_size, std::string(64, '\0')), "opened");
    ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({1, 1, 5})), RESEAL_OK);
    EXPECT_EQ(store.check(envelope({2, 1, 5})), RESEAL_REPLAY);
    EXPECT_TRUE(accept(store, {1, 1, 5}));
}

TEST_F(ReplayDamage, IgnoresWhatStandsBehindTheCountedRecords) {
    EXPECT_EQ(refusal(header_size + 128, std::string(64, 'x')), "opened");
    {
        ReplayStore store = open_store(folder);
        EXPECT_TRUE(accept(store, {3, 1, 5}));
    }
    const ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({3, 1, 5})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({3, 1, 6})), RESEAL_OK);
}

}  // namespace
}  // namespace reseal::state
