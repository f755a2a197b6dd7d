// SPDX-License-Identifier: Apache-2.0
#include "base/clock_watch.h"

#include <gtest/gtest.h>

namespace reseal {
namespace {

using namespace std::chrono_literals;

class ClockWatchTest : public testing::Test {
  protected:
    // What the watch says when `passes` have gone by and the wall clock was then set by `set`.
    ClockWatch::Milliseconds after(ClockWatch::Milliseconds passes, ClockWatch::Milliseconds set = 0ms) {
        steady_ += passes;
        wall_ += passes + set;
        return watch_.set_by(wall_, steady_);
    }

    ClockWatch::Milliseconds wall_ = std::chrono::hours(480000);
    ClockWatch::Milliseconds steady_ = 77s;
    ClockWatch watch_;
};

TEST_F(ClockWatchTest, ReportsNothingForARunningClock) {
    EXPECT_EQ(after(0s), 0s);
    EXPECT_EQ(after(500ms), 0s);
    EXPECT_EQ(after(1000h), 0s) << "the machine slept";
}

TEST_F(ClockWatchTest, ReportsOnceByHowMuchTheClockWasSet) {
    EXPECT_EQ(after(0s), 0s);
    EXPECT_EQ(after(500ms, -40s), -40s);
    EXPECT_EQ(after(500ms), 0s);
    EXPECT_EQ(after(500ms, 1h), 1h);
    EXPECT_EQ(after(500ms), 0s);
}

TEST_F(ClockWatchTest, ReportsManySmallSteps) {
    EXPECT_EQ(after(0s), 0s);
    EXPECT_EQ(after(500ms, -1s), 0s);
    EXPECT_EQ(after(500ms, -1s), -2s);
}

TEST_F(ClockWatchTest, DoubtsAForwardStepForAnHour) {
    EXPECT_EQ(after(0s), 0s);
    EXPECT_EQ(after(500ms, 24h), 24h);
    EXPECT_EQ(watch_.ahead(), 24h);
    EXPECT_EQ(after(59min), 0s);
    EXPECT_EQ(watch_.ahead(), 24h);
    EXPECT_EQ(after(1min), 0s);
    EXPECT_EQ(watch_.ahead(), 0h);
}

TEST_F(ClockWatchTest, DoubtsAForwardStepOnlyUntilItIsTakenBack) {
    EXPECT_EQ(after(0s), 0s);
    EXPECT_EQ(after(500ms, 24h), 24h);
    EXPECT_EQ(after(500ms, -20h), -20h);
    EXPECT_EQ(watch_.ahead(), 4h);
    EXPECT_EQ(after(500ms, -20h), -20h);
    EXPECT_EQ(watch_.ahead(), 0h);
}

}  // namespace
}  // namespace reseal
