// SPDX-License-Identifier: Apache-2.0
// What one client does takes a bounded number of lines, and hides nothing of what another does.
#include "observe/line_budget.h"

#include <gtest/gtest.h>

#include <vector>

namespace reseal::observe {
namespace {

using audit::Event;
using budget::minute;

class LineBudgetTest : public testing::Test {
  protected:
    int written_of(std::string_view principal, int events, Event event = Event::connected) {
        int out = 0;
        for (int i = 0; i < events; ++i) {
            out += lines_.take(principal, {}, event, 1, now_) ? 1 : 0;
        }
        return out;
    }
    bool stranger(const std::string& address) { return lines_.take({}, address, Event::refused, 1, now_); }
    std::vector<LineBudget::Omission> summary() { return lines_.take_omissions(now_); }

    LineBudget lines_;
    budget::Time now_ = budget::hour;
};

TEST_F(LineBudgetTest, LetsAnHoursLinesThroughAtOnceAndThenTheRate) {
    EXPECT_EQ(written_of("pico", 1000), 240);
    now_ += minute;
    EXPECT_EQ(written_of("pico", 1000), 4);
}

TEST_F(LineBudgetTest, CountsWhatIsLeftOutAndReportsItOnce) {
    (void)written_of("pico", 1000);
    (void)written_of("pico", 7, Event::refused);
    const auto told = summary();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].principal, "pico");
    EXPECT_EQ(told[0].count, 767U);
    EXPECT_EQ(told[0].detail, "connected 760, refused 7");
    EXPECT_TRUE(summary().empty());
}

TEST_F(LineBudgetTest, TakesNothingFromAnotherPrincipal) {
    (void)written_of("pico", 1000);
    EXPECT_EQ(written_of("pump", 10), 10);
}

// A summary forgets those who have everything back, and nobody else.
TEST_F(LineBudgetTest, ForgetsNobodyBeforeTheirBudgetIsFullAgain) {
    (void)written_of("pico", 1000);
    now_ += 30 * minute;
    (void)summary();
    EXPECT_EQ(written_of("pico", 1000), 120);
    now_ += 60 * minute;
    (void)summary();
    EXPECT_EQ(written_of("pico", 1000), 240);
}

TEST_F(LineBudgetTest, GivesAnAddressNoMoreThanAPrincipal) {
    int written = 0;
    for (int i = 0; i < 1000; ++i) {
        written += stranger("192.0.2.1") ? 1 : 0;
    }
    EXPECT_EQ(written, 240);
    EXPECT_TRUE(stranger("192.0.2.2")) << "it takes nothing from another one";
    EXPECT_EQ(written_of("pico", 10), 10);
}

TEST_F(LineBudgetTest, GivesAllAddressesTogetherABoundedShare) {
    int written = 0;
    for (int i = 0; i < 100000; ++i) {
        written += stranger("192.0.2." + std::to_string(i)) ? 1 : 0;
    }
    EXPECT_EQ(written, 1200);
    const auto told = summary();
    ASSERT_EQ(told.size(), 1U) << "one line for all of them";
    EXPECT_EQ(told[0].principal, "");
    EXPECT_EQ(told[0].count, 98800U);
    EXPECT_EQ(written_of("pico", 10), 10);
}

TEST_F(LineBudgetTest, LeavesNothingOutWithoutALimit) {
    budget::Limits none;
    none.principal.audit_lines = 0;
    lines_.set(none);
    EXPECT_EQ(written_of("pico", 100000), 100000);
}

}  // namespace
}  // namespace reseal::observe
