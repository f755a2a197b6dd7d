// SPDX-License-Identifier: Apache-2.0
#include <reseal/posix.h>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

TEST(Random, FillsTheWholeBuffer) {
    const reseal_random random = reseal_posix_random();
    for (const std::size_t size : {0U, 1U, 4U, 257U, 100000U}) {
        // A byte is zero in all 64 draws with a probability of 2^-512.
        Bytes touched(size);
        for (int draw = 0; draw < 64; draw++) {
            Bytes out(size);
            ASSERT_TRUE(random.fill(random.context, out.data(), size));
            std::transform(out.begin(), out.end(), touched.begin(), touched.begin(), std::bit_or<>());
        }
        EXPECT_EQ(std::count(touched.begin(), touched.end(), 0), 0) << size;
    }
}

TEST(Random, DoesNotRepeat) {
    const reseal_random random = reseal_posix_random();
    Bytes first(16);
    Bytes second(16);
    ASSERT_TRUE(random.fill(random.context, first.data(), first.size()));
    ASSERT_TRUE(random.fill(random.context, second.data(), second.size()));
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace reseal::test
