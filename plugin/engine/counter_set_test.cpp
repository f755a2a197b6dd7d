// SPDX-License-Identifier: Apache-2.0
#include "engine/counter_set.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace reseal::engine {

TEST(CounterSet, AgreesWithAnOrdinarySet) {
    std::mt19937 random(1);
    CounterSet set;
    std::set<std::uint32_t> expected;
    for (int i = 0; i < 20000; ++i) {
        const std::uint32_t counter = random() % 64;
        if (random() % 2 == 0) {
            set.insert(counter);
            expected.insert(counter);
        } else {
            set.erase(counter);
            expected.erase(counter);
        }
        for (std::uint32_t each = 0; each < 66; ++each) {
            ASSERT_EQ(set.contains(each), expected.contains(each)) << each << " after step " << i;
        }
        ASSERT_EQ(set.empty(), expected.empty());
    }
}

TEST(CounterSet, HoldsAnyNumberOfConsecutiveCounters) {
    CounterSet set;
    for (std::uint32_t counter = 0; counter < 100000; ++counter) {
        set.insert(counter);
    }
    EXPECT_TRUE(set.contains(0));
    EXPECT_TRUE(set.contains(99999));
}

TEST(CounterSet, DropsTheLowestRangeWhenThereAreTooMany) {
    CounterSet set;
    for (std::uint32_t i = 0; i <= CounterSet::most; ++i) {
        set.insert(2 * i);
    }
    EXPECT_FALSE(set.contains(0));
    EXPECT_TRUE(set.contains(2));
    EXPECT_TRUE(set.contains(2 * CounterSet::most));
}

}  // namespace reseal::engine
