#include "mosquitto/duplicates.h"

#include <gtest/gtest.h>

#include <vector>

namespace reseal::broker {
namespace {

using Bytes = std::vector<std::uint8_t>;

TEST(Duplicates, AreHeldUntilAnotherMessageLiesAtTheirAddress) {
    Duplicates duplicates;
    Bytes copy(60, 1);
    EXPECT_FALSE(duplicates.holds(copy));
    EXPECT_TRUE(duplicates.hold(copy));
    EXPECT_TRUE(duplicates.holds(copy));
    const Bytes elsewhere = copy;
    EXPECT_FALSE(duplicates.holds(elsewhere)) << "the first copy, which is to be delivered";
    copy.back() = 2;  // the broker has put another message there
    EXPECT_FALSE(duplicates.holds(copy));
    duplicates.release(copy);
    copy.back() = 1;
    EXPECT_FALSE(duplicates.holds(copy));
}

TEST(Duplicates, AreRefusedWhenTooManyAreHeld) {
    Duplicates duplicates;
    std::vector<Bytes> copies(4097, Bytes(16, 7));
    for (std::size_t i = 0; i < 4096; ++i) {
        ASSERT_TRUE(duplicates.hold(copies[i]));
    }
    EXPECT_FALSE(duplicates.hold(copies[4096]));
}

TEST(Duplicates, AreNeverShorterThanATag) {
    Duplicates duplicates;
    const Bytes shorter(15, 7);
    EXPECT_FALSE(duplicates.hold(shorter));
    EXPECT_FALSE(duplicates.holds(shorter));
}

}  // namespace
}  // namespace reseal::broker
