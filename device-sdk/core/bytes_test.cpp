// SPDX-License-Identifier: Apache-2.0
#include <reseal/bytes.h>
#include <reseal/status.h>

#include <array>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

TEST(Wipe, ZeroesExactlyTheGivenBytes) {
    std::array<std::uint8_t, 5> memory{1, 2, 3, 4, 5};
    reseal_wipe(memory.data() + 1, 3);
    EXPECT_EQ(memory, (std::array<std::uint8_t, 5>{1, 0, 0, 0, 5}));
}

TEST(Wipe, AcceptsNullWhenThereIsNothingToWipe) {
    reseal_wipe(nullptr, 0);
}

TEST(Equal, DetectsADifferenceInAnyByte) {
    const std::array<std::uint8_t, 16> a{};
    EXPECT_TRUE(reseal_equal(a.data(), a.data(), a.size()));
    for (std::size_t i = 0; i < a.size(); i++) {
        std::array<std::uint8_t, 16> b{};
        b.at(i) = 0x80;
        EXPECT_FALSE(reseal_equal(a.data(), b.data(), a.size())) << "byte " << i;
        EXPECT_TRUE(reseal_equal(a.data(), b.data(), i)) << "bytes before " << i;
    }
}

TEST(StatusText, IsADistinctSentenceForEveryStatus) {
    std::set<std::string> seen;
    for (int number = RESEAL_OK; number <= RESEAL_NOT_STORED; number++) {
        const std::string text = reseal_status_text(static_cast<reseal_status>(number));
        EXPECT_TRUE(seen.insert(text).second) << number << " says what another says: " << text;
        EXPECT_NE(text, "unknown status") << number;
        EXPECT_NE(text.back(), '.') << number;
    }
}

TEST(StatusText, ExistsForANumberThatIsNotAStatus) {
    EXPECT_STREQ(reseal_status_text(static_cast<reseal_status>(31)), "unknown status");
}

}  // namespace
