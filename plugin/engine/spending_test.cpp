// SPDX-License-Identifier: Apache-2.0
// Whose messages and connects are paid from which budget.
#include "engine/spending.h"

#include <gtest/gtest.h>

namespace reseal::engine {
namespace {

constexpr budget::Limits limits{
    .principal = {.messages = 2, .bytes = 1000, .connects = 3, .sessions = 0, .subscriptions = 0, .retained_topics = 5},
    .address = {.connects = 4},
    .strangers = {.connects = 10}};

class SpendingTest : public testing::Test {
  protected:
    budget::Time now_ = budget::hour;
    Spending spending_;
};

TEST_F(SpendingTest, LimitsMessagesByNumberAndBytes) {
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(spending_.publish(limits.principal, 10, now_), Refusal::none) << i;
    }
    EXPECT_EQ(spending_.publish(limits.principal, 10, now_), Refusal::over_budget_messages);
    now_ += 10 * budget::second;
    EXPECT_EQ(spending_.publish(limits.principal, 9000, now_), Refusal::none);
    EXPECT_EQ(spending_.publish(limits.principal, 2000, now_), Refusal::over_budget_bytes);
    EXPECT_EQ(spending_.publish(limits.principal, 1000, now_), Refusal::none);
}

// Else one large message after the other would use up the messages, too.
TEST_F(SpendingTest, ChargesNothingForWhatItRefuses) {
    EXPECT_EQ(spending_.publish(limits.principal, 10000, now_), Refusal::none);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(spending_.publish(limits.principal, 10000, now_), Refusal::over_budget_bytes);
    }
    for (int i = 0; i < 19; ++i) {
        EXPECT_EQ(spending_.publish(limits.principal, 0, now_), Refusal::none) << i;
    }
}

TEST_F(SpendingTest, LimitsConnectsAndNewRetainedTopics) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(spending_.connect(limits.principal, now_), Refusal::none);
    }
    EXPECT_EQ(spending_.connect(limits.principal, now_), Refusal::over_budget_connects);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(spending_.retain(limits.principal, now_), Refusal::none);
    }
    EXPECT_EQ(spending_.retain(limits.principal, now_), Refusal::over_budget_retained);
    EXPECT_FALSE(spending_.full(limits.principal, now_));
    EXPECT_TRUE(spending_.full(limits.principal, now_ + 24 * budget::hour));
}

// Who connects again finds what it has left.
TEST_F(SpendingTest, IsKeptWhileHeldOrNotFullyRefilled) {
    Spendings all;
    (void)all.of("idle");
    const auto held = all.of("held");
    (void)all.of("busy")->connect(limits.principal, now_);
    all.sweep(limits.principal, now_);
    EXPECT_EQ(all.size(), 2U);
    EXPECT_EQ(all.of("held"), held);
    all.sweep(limits.principal, now_ + budget::minute);
    EXPECT_EQ(all.size(), 1U);
}

class StrangersTest : public SpendingTest {
  protected:
    // How many of so many connects from there are looked at.
    int looked_at(const std::string& address, int times) {
        int out = 0;
        for (int i = 0; i < times; ++i) {
            const bool let = strangers_.look(limits, address, now_) == Refusal::none;
            out += let ? 1 : 0;
            if (let) {
                strangers_.refused(limits, address, now_);
            }
        }
        return out;
    }
    Strangers strangers_;
};

TEST_F(StrangersTest, AreLimitedPerAddress) {
    EXPECT_EQ(looked_at("192.0.2.1", 100), 4);
    EXPECT_EQ(strangers_.look(limits, "192.0.2.1", now_), Refusal::over_budget_address);
    EXPECT_EQ(looked_at("192.0.2.2", 100), 4);
    now_ += budget::minute / 4;
    EXPECT_EQ(looked_at("192.0.2.1", 100), 1);
}

TEST_F(StrangersTest, AreLimitedInTotal) {
    int out = 0;
    for (int i = 0; i < 100; ++i) {
        out += looked_at("192.0.2." + std::to_string(i), 1);
    }
    EXPECT_EQ(out, 10);
    EXPECT_EQ(strangers_.look(limits, "198.51.100.1", now_), Refusal::over_budget_strangers);
}

TEST_F(StrangersTest, TakeABoundedAmountOfMemory) {
    const budget::Limits many{.principal = {}, .address = {.connects = 4}, .strangers = {.connects = 0}};
    for (std::size_t i = 0; i < 2 * Strangers::addresses_most; ++i) {
        strangers_.refused(many, std::to_string(i), now_);
    }
    EXPECT_EQ(strangers_.size(), Strangers::addresses_most);
    strangers_.sweep(many, now_ + budget::minute);
    EXPECT_EQ(strangers_.size(), 0U);
}

}  // namespace
}  // namespace reseal::engine
