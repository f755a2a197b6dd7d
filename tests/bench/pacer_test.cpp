// SPDX-License-Identifier: Apache-2.0
#include "bench/pacer.h"

#include <gtest/gtest.h>

namespace bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

const Clock::time_point first_second{std::chrono::hours(1)};

TEST(OpenLoop, SendsTheFirstMessageAtOnceAndTheOthersAtTheRate) {
    const Pacer pacer = Pacer::open_loop(1000, first_second);
    EXPECT_EQ(pacer.due(first_second, 0, 0), 1U);
    EXPECT_EQ(pacer.due(first_second + microseconds(900), 1, 0), 0U);
    EXPECT_EQ(pacer.due(first_second + microseconds(1100), 1, 0), 1U);
    EXPECT_EQ(pacer.due(first_second + microseconds(9'500), 2, 0), 8U) << "what was missed is made up for";
}

TEST(OpenLoop, SendsNothingBeforeItsStart) {
    EXPECT_EQ(Pacer::open_loop(1000, first_second).due(first_second - milliseconds(1), 0, 0), 0U);
}

TEST(OpenLoop, DoesNotWaitForDeliveries) {
    const Pacer pacer = Pacer::open_loop(1000, first_second);
    EXPECT_EQ(pacer.due(first_second + microseconds(99'500), 50, 0),
              pacer.due(first_second + microseconds(99'500), 50, 50));
}

TEST(OpenLoop, SaysWhenTheNextMessageIsDue) {
    for (const double rate : {0.5, 3.0, 997.0, 123'456.0}) {
        const Pacer pacer = Pacer::open_loop(rate, first_second);
        for (const std::uint64_t sent : {1U, 2U, 7U, 100'000U}) {
            EXPECT_EQ(pacer.due(pacer.next(sent), sent, 0), 1U) << rate << " a second, after " << sent;
            EXPECT_EQ(pacer.due(pacer.next(sent) - microseconds(1), sent, 0), 0U) << rate << ", after " << sent;
        }
    }
}

TEST(OpenLoop, TimesALateMessageFromWhenItWasDue) {
    const Pacer pacer = Pacer::open_loop(1000, first_second);
    EXPECT_LT(pacer.sending_time(5, first_second + milliseconds(80)) - (first_second + milliseconds(5)),
              microseconds(1));
    EXPECT_EQ(pacer.sending_time(5, first_second), first_second) << "never later than it was sent";
}

TEST(ClosedLoop, FillsItsWindow) {
    const Pacer pacer = Pacer::closed_loop(64);
    EXPECT_EQ(pacer.due(first_second, 0, 0), 64U);
    EXPECT_EQ(pacer.due(first_second, 64, 0), 0U);
    EXPECT_EQ(pacer.due(first_second, 64, 10), 10U);
    EXPECT_EQ(pacer.next(64), Clock::time_point::max()) << "only a delivery lets it go on";
}

TEST(ClosedLoop, TimesAMessageFromWhenItWasSent) {
    EXPECT_EQ(Pacer::closed_loop(64).sending_time(5, first_second), first_second);
}

}  // namespace
}  // namespace bench
