// SPDX-License-Identifier: Apache-2.0
#include "bench/matcher.h"

#include <gtest/gtest.h>

#include "bench/failure.h"

namespace bench {
namespace {

using std::chrono::milliseconds;

const Clock::time_point start{std::chrono::hours(1)};

// Message n is sent n milliseconds after the start.
Matcher matcher_with(std::uint64_t messages, std::size_t publishers, std::size_t subscribers) {
    Matcher out(publishers, subscribers, messages);
    for (std::uint64_t number = 0; number < messages; ++number) {
        out.sent(start + milliseconds(number));
    }
    return out;
}

TEST(Matcher, TimesADeliveryFromItsOwnMessage) {
    Matcher matcher = matcher_with(4, 1, 1);
    matcher.received(0, 3, start + milliseconds(5));
    EXPECT_EQ(matcher.latencies().longest(), milliseconds(2));
    EXPECT_EQ(matcher.deliveries(), 1U);
    EXPECT_FALSE(matcher.all_received());
}

TEST(Matcher, MatchesSealedDeliveriesOfEachPublisherInOrder) {
    Matcher matcher = matcher_with(4, 2, 1);  // 0 and 2 are the first publisher's, 1 and 3 the second's
    matcher.received_next(0, 1, start + milliseconds(1));
    EXPECT_EQ(matcher.latencies().longest(), milliseconds(0));
    matcher.received_next(0, 1, start + milliseconds(13));
    EXPECT_EQ(matcher.latencies().longest(), milliseconds(10));
    matcher.received_next(0, 0, start + milliseconds(20));
    EXPECT_EQ(matcher.latencies().longest(), milliseconds(20));
}

TEST(Matcher, KeepsSubscribersApart) {
    Matcher matcher = matcher_with(2, 1, 2);
    for (const std::size_t subscriber : {0U, 1U}) {
        matcher.received_next(subscriber, 0, start + milliseconds(7));
    }
    EXPECT_EQ(matcher.latencies().shortest(), milliseconds(7));
    EXPECT_EQ(matcher.latencies().longest(), milliseconds(7));
    EXPECT_EQ(matcher.settled(), 1U);
    EXPECT_EQ(matcher.deliveries_expected(), 4U);
}

TEST(Matcher, ReportsWhenTheLastSubscriberGotAMessage) {
    Matcher matcher = matcher_with(2, 1, 2);
    matcher.received_next(0, 0, start + milliseconds(3));
    EXPECT_EQ(matcher.last_latencies().count(), 0U);
    matcher.received_next(1, 0, start + milliseconds(7));
    matcher.received_next(1, 0, start + milliseconds(8));
    EXPECT_EQ(matcher.last_latencies().count(), 1U);
    EXPECT_EQ(matcher.last_latencies().longest(), milliseconds(7));
}

TEST(Matcher, DetectsLateAndDuplicateDeliveries) {
    Matcher matcher = matcher_with(3, 1, 1);
    for (const std::uint64_t number : {0U, 2U, 1U, 2U}) {
        matcher.received(0, number, start + milliseconds(9));
    }
    EXPECT_EQ(matcher.disordered(), 2U);
}

TEST(Matcher, RefusesAMessageThatNobodySent) {
    Matcher matcher = matcher_with(2, 1, 1);
    EXPECT_THROW(matcher.received(0, 2, start), Failure);
    matcher.received_next(0, 0, start + milliseconds(1));
    matcher.received_next(0, 0, start + milliseconds(1));
    EXPECT_THROW(matcher.received_next(0, 0, start + milliseconds(1)), Failure);
}

}  // namespace
}  // namespace bench
