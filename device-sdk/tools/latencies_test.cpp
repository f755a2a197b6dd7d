// SPDX-License-Identifier: Apache-2.0
#include "tools/latencies.h"

#include <gtest/gtest.h>

namespace reseal::tools {
namespace {

using Nanoseconds = Latencies::Nanoseconds;

TEST(Latencies, KnowTheirQuantilesToOnePartIn128) {
    Latencies latencies;
    for (int i = 1; i <= 100'000; ++i) {
        latencies.add(Nanoseconds(i));
    }
    EXPECT_EQ(latencies.count(), 100'000U);
    EXPECT_EQ(latencies.shortest(), Nanoseconds(1));
    EXPECT_EQ(latencies.longest(), Nanoseconds(100'000));
    for (const double share : {0.001, 0.5, 0.95, 0.99, 0.999}) {
        const double exact = share * 100'000;
        const auto found = static_cast<double>(latencies.quantile(share).count());
        EXPECT_GE(found, exact);
        EXPECT_LE(found, exact * (1 + 1.0 / 128));
    }
    EXPECT_EQ(latencies.quantile(1), Nanoseconds(100'000));
}

TEST(Latencies, ShowTheStepsOfTheirHistogram) {
    Latencies latencies;
    EXPECT_TRUE(latencies.steps().empty());
    for (const int number : {1000, 7, 1001, 7, 7}) {
        latencies.add(Nanoseconds(number));
    }
    const auto steps = latencies.steps();
    ASSERT_EQ(steps.size(), 2U);
    EXPECT_EQ(steps[0].longest, Nanoseconds(7));
    EXPECT_EQ(steps[0].count, 3U);
    EXPECT_EQ(steps[1].longest, Nanoseconds(1003));
    EXPECT_EQ(steps[1].count, 2U);
}

TEST(Latencies, AcceptAnyDuration) {
    Latencies latencies;
    EXPECT_EQ(latencies.quantile(0.5), Nanoseconds(0));
    latencies.add(Nanoseconds(-3));
    EXPECT_EQ(latencies.quantile(0.5), Nanoseconds(0));
    latencies.add(Nanoseconds::max());
    EXPECT_EQ(latencies.longest(), Nanoseconds((std::int64_t{1} << 50) - 1));
    EXPECT_EQ(latencies.quantile(1), latencies.longest());
}

}  // namespace
}  // namespace reseal::tools
