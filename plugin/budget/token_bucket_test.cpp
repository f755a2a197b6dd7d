// SPDX-License-Identifier: Apache-2.0
// How many tokens a bucket gives, and when more come back.
#include "budget/token_bucket.h"

#include <gtest/gtest.h>

#include "budget/limits.h"

namespace reseal::budget {
namespace {

constexpr Time millisecond = second / 1000;

class TokenBucketTest : public testing::Test {
  protected:
    // How many single tokens can be taken right now.
    int taken(const Rate& rate, int most = 100000) {
        int out = 0;
        while (out < most && bucket_.take(rate, now_)) {
            ++out;
        }
        return out;
    }

    TokenBucket bucket_;
    Time now_ = 1000 * second;
};

TEST_F(TokenBucketTest, IsFullAtFirst) {
    EXPECT_EQ(taken(rate(5, second, 10 * second)), 50);
}

TEST_F(TokenBucketTest, RefillsAtItsRateAndNoMoreThanTheBurst) {
    const Rate five = rate(5, second, 2 * second);
    EXPECT_EQ(taken(five), 10);
    now_ += 199 * millisecond;
    EXPECT_EQ(taken(five), 0);
    now_ += 1 * millisecond;
    EXPECT_EQ(taken(five), 1);
    now_ += second;
    EXPECT_EQ(taken(five), 5);
    now_ += 3600 * second;
    EXPECT_EQ(taken(five), 10);
}

// Over an hour, rounding neither loses nor adds tokens.
TEST_F(TokenBucketTest, KeepsTheRateThroughManySmallSteps) {
    const Rate three = rate(3, second, second);
    int out = taken(three);
    for (int step = 0; step < 3600 * 100; ++step) {
        now_ += 10 * millisecond;
        out += taken(three);
    }
    EXPECT_NEAR(out, 3 * 3600 + 3, 1);
}

TEST_F(TokenBucketTest, TakesAllOrNothing) {
    const Rate bytes = rate(100, second, second);
    EXPECT_TRUE(bucket_.take(bytes, now_, 60));
    EXPECT_FALSE(bucket_.take(bytes, now_, 60));
    EXPECT_TRUE(bucket_.take(bytes, now_, 40));
}

TEST_F(TokenBucketTest, GoesIntoDebtForMoreThanTheBurstWhenItIsFull) {
    const Rate bytes = rate(100, second, second);
    EXPECT_TRUE(bucket_.take(bytes, now_, 300));
    now_ += 1999 * millisecond;
    EXPECT_FALSE(bucket_.take(bytes, now_, 1));
    now_ += 11 * millisecond;
    EXPECT_TRUE(bucket_.take(bytes, now_, 1));
}

TEST_F(TokenBucketTest, SaysBeforehandWhetherItHolds) {
    const Rate one = rate(1, second, second);
    EXPECT_TRUE(bucket_.holds(one, now_));
    EXPECT_TRUE(bucket_.take(one, now_));
    EXPECT_FALSE(bucket_.holds(one, now_));
    EXPECT_FALSE(bucket_.full(one, now_));
    now_ += second;
    EXPECT_TRUE(bucket_.holds(one, now_));
    EXPECT_TRUE(bucket_.full(one, now_));
}

TEST_F(TokenBucketTest, HasNoLimitAtRateZero) {
    EXPECT_EQ(taken(a_second(0)), 100000);
    EXPECT_TRUE(bucket_.holds(a_second(0), now_, 1e18));
}

// As config/reseal.yaml says.
TEST(Rates, HaveTheirBursts) {
    EXPECT_EQ(a_second(2000).burst, 20000);
    EXPECT_EQ(a_minute(600).burst, 600);
    EXPECT_EQ(lines_a_minute(4).burst, 240);
    EXPECT_EQ(a_day(10000).burst, 10000);
}

}  // namespace
}  // namespace reseal::budget
