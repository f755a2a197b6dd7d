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

TEST(Latencies, TakeWhateverComes) {
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
