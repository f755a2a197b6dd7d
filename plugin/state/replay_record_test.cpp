#include "state/replay_record.h"

#include <gtest/gtest.h>

#include <vector>

namespace reseal::state {
namespace {

TEST(ReplayRecord, Takes64BytesForAWindowOf128AndNeverLiesInTwoPages) {
    EXPECT_EQ(ReplayRecord::stride(128), 64U);
    for (std::uint32_t window = RESEAL_WINDOW_MIN; window <= RESEAL_WINDOW_MAX; window += 32) {
        EXPECT_EQ(4096 % ReplayRecord::stride(window), 0U) << window;
        EXPECT_GE(ReplayRecord::stride(window), 8 + 2 * (12 + window / 8)) << window;
    }
}

class ReplayRecordTest : public testing::Test {
  protected:
    ReplayRecordTest() {
        reseal_replay first{{}, 0, 32, &words};
        reseal_replay_mark(&first, &epoch, 5);
        record.begin({1, 2, 3, 4, 5, 6, 7}, first, Trust::full);
    }
    std::vector<std::uint32_t> bytes = std::vector<std::uint32_t>(ReplayRecord::stride(32) / 4, 0xffffffff);
    ReplayRecord record{reinterpret_cast<std::uint8_t*>(bytes.data()), 32};
    std::uint32_t words = 0;
    reseal_epoch epoch{9, {1, 2, 3, 4}};
};

TEST_F(ReplayRecordTest, HoldsKeyIdAndWindow) {
    EXPECT_EQ(record.key_id(), (keyring::KeyId{1, 2, 3, 4, 5, 6, 7}));
    const reseal_replay window = record.window();
    EXPECT_TRUE(reseal_epoch_equal(&window.epoch, &epoch));
    EXPECT_EQ(window.top, 5U);
    EXPECT_EQ(window.words[0], 1U << 5);
    EXPECT_TRUE(record.well_formed());
    EXPECT_FALSE(record.blank());
}

TEST_F(ReplayRecordTest, ForgetsWhatIsNotSettled) {
    record.mark(epoch, 6, Trust::full);
    record.mark(epoch, 8, Trust::full);
    EXPECT_TRUE(record.ahead());
    EXPECT_EQ(record.window().top, 8U);
    EXPECT_EQ(record.window().words[0], 11U << 5);
    record.forget_unsettled();
    EXPECT_FALSE(record.ahead());
    EXPECT_EQ(record.window().top, 5U);
    EXPECT_EQ(record.window().words[0], 1U << 5);
}

TEST_F(ReplayRecordTest, KeepsWhatIsSettled) {
    record.mark(epoch, 6, Trust::full);
    record.settle();
    EXPECT_FALSE(record.ahead());
    record.mark(epoch, 7, Trust::full);
    record.forget_unsettled();
    EXPECT_EQ(record.window().top, 6U);
    EXPECT_EQ(record.window().words[0], 3U << 5);
}

TEST_F(ReplayRecordTest, ForgetsAndKeepsTheTrustWithTheWindow) {
    record.mark(epoch, 6, Trust::epoch_shown);
    EXPECT_EQ(record.trust(), Trust::epoch_shown);
    record.forget_unsettled();
    EXPECT_EQ(record.trust(), Trust::full);
    record.mark(epoch, 6, Trust::epoch_shown);
    record.settle();
    EXPECT_EQ(record.trust(), Trust::epoch_shown);
    EXPECT_TRUE(record.well_formed());
}

TEST_F(ReplayRecordTest, KnowsWhatItCannotHaveWritten) {
    auto* raw = reinterpret_cast<std::uint8_t*>(bytes.data());
    for (const std::size_t at : {7U, 8U + 8U, 8U + 12U}) {  // state, highest counter, words
        const std::uint8_t good = raw[at];
        raw[at] = 4;
        EXPECT_FALSE(record.well_formed()) << at;
        raw[at] = good;
    }
    EXPECT_TRUE(record.well_formed());
    raw[8] = 0;  // epoch 0 with a window that is not empty
    EXPECT_FALSE(record.well_formed());
}

}  // namespace
}  // namespace reseal::state
