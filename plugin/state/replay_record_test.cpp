// SPDX-License-Identifier: Apache-2.0
#include "state/replay_record.h"

#include <gtest/gtest.h>

#include <vector>

namespace reseal::state {
namespace {

TEST(ReplayRecord, Takes128BytesForAWindowOf128AndNeverSpansTwoPages) {
    EXPECT_EQ(ReplayRecord::stride(128), 128U);
    for (std::uint32_t window = RESEAL_WINDOW_MIN; window <= RESEAL_WINDOW_MAX; window += 32) {
        EXPECT_EQ(4096 % ReplayRecord::stride(window), 0U) << window;
        EXPECT_GE(ReplayRecord::stride(window), 2 * (48 + window / 8)) << window;
    }
}

constexpr std::uint32_t index = 7;

class ReplayRecordTest : public testing::Test {
  protected:
    ReplayRecordTest() {
        reseal_replay first{{}, 0, 32, &words};
        reseal_replay_mark(&first, &epoch, 5);
        record.begin(mac, index, {1, 2, 3, 4, 5, 6, 7}, first, Trust::full);
    }
    // As a new process sees it: only the settled window.
    void reopen() {
        const auto found = record.look(mac, index);
        ASSERT_TRUE(found.newest);
        record.take(*found.newest);
    }
    ReplayMac mac{derive_state_key({}), {1, 2, 3}, 4};
    std::vector<std::uint64_t> bytes = std::vector<std::uint64_t>(ReplayRecord::stride(32) / 8, 0xffffffff);
    ReplayRecord record{reinterpret_cast<std::uint8_t*>(bytes.data()), 32};
    std::uint32_t words = 0;
    reseal_epoch epoch{9, {1, 2, 3, 4}};
};

TEST_F(ReplayRecordTest, HoldsItsKeyIdAndWindow) {
    EXPECT_EQ(record.key_id(), (KeyId{1, 2, 3, 4, 5, 6, 7}));
    const reseal_replay window = record.window();
    EXPECT_TRUE(reseal_epoch_equal(&window.epoch, &epoch));
    EXPECT_EQ(window.top, 5U);
    EXPECT_EQ(window.words[0], 1U << 5);
    EXPECT_TRUE(record.look(mac, index).whole);
    EXPECT_FALSE(record.blank());
}

TEST_F(ReplayRecordTest, ForgetsUnsettledMarks) {
    record.mark(epoch, 6, Trust::full);
    record.mark(epoch, 8, Trust::full);
    EXPECT_TRUE(record.ahead());
    EXPECT_EQ(record.window().top, 8U);
    EXPECT_EQ(record.window().words[0], 11U << 5);
    reopen();
    EXPECT_FALSE(record.ahead());
    EXPECT_EQ(record.window().top, 5U);
    EXPECT_EQ(record.window().words[0], 1U << 5);
}

TEST_F(ReplayRecordTest, KeepsSettledMarks) {
    record.mark(epoch, 6, Trust::full);
    record.settle(mac);
    EXPECT_FALSE(record.ahead());
    record.mark(epoch, 7, Trust::full);
    reopen();
    EXPECT_EQ(record.window().top, 6U);
    EXPECT_EQ(record.window().words[0], 3U << 5);
}

TEST_F(ReplayRecordTest, ForgetsAndKeepsTrustTogetherWithTheWindow) {
    record.mark(epoch, 6, Trust::epoch_shown);
    EXPECT_EQ(record.trust(), Trust::epoch_shown);
    reopen();
    EXPECT_EQ(record.trust(), Trust::full);
    record.mark(epoch, 6, Trust::epoch_shown);
    record.settle(mac);
    EXPECT_EQ(record.trust(), Trust::epoch_shown);
    EXPECT_TRUE(record.look(mac, index).whole);
}

TEST_F(ReplayRecordTest, ReportsAnIncompleteHalfUntilItIsSettledOrRepaired) {
    record.mark(epoch, 6, Trust::full);
    EXPECT_FALSE(record.look(mac, index).whole);
    reopen();
    record.repair(mac);
    EXPECT_TRUE(record.look(mac, index).whole);
    EXPECT_EQ(record.window().top, 5U);
}

TEST_F(ReplayRecordTest, IsValidOnlyInItsPlaceInItsFile) {
    EXPECT_FALSE(record.look(mac, index + 1).newest);
    EXPECT_FALSE(record.look({derive_state_key({}), {1, 2, 4}, 4}, index).newest) << "another file";
    EXPECT_FALSE(record.look({derive_state_key({}), {1, 2, 3}, 5}, index).newest) << "another generation";
}

TEST_F(ReplayRecordTest, DetectsEveryChangedBitOfItsHalves) {
    auto* const raw = reinterpret_cast<std::uint8_t*>(bytes.data());
    for (std::size_t half : {std::size_t{0}, ReplayRecord::stride(32) / 2}) {
        for (std::size_t bit = 8; bit < (48 + 32 / 8) * 8; ++bit) {  // from the key id on
            raw[half + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
            EXPECT_FALSE(record.look(mac, index).whole) << half << " " << bit;
            raw[half + bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        }
    }
    EXPECT_TRUE(record.look(mac, index).whole);
}

}  // namespace
}  // namespace reseal::state
