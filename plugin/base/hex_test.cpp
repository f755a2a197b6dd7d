// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"

#include <gtest/gtest.h>

namespace reseal {
namespace {

TEST(Hex, HasTwoLowerCaseDigitsForEachByte) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (unsigned byte = 0; byte < 256; ++byte) {
        const std::array<std::uint8_t, 1> one{static_cast<std::uint8_t>(byte)};
        EXPECT_EQ(hex(one), std::string({digits[byte / 16], digits[byte % 16]}));
    }
    EXPECT_EQ(hex(std::array<std::uint8_t, 4>{0, 0x0f, 0xa5, 0xff}), "000fa5ff");
}

TEST(Hex, IsReadBack) {
    std::array<std::uint8_t, 4> out{};
    EXPECT_TRUE(from_hex("000fa5ff", out));
    EXPECT_EQ(out, (std::array<std::uint8_t, 4>{0, 0x0f, 0xa5, 0xff}));
}

TEST(Hex, RejectsAnythingElse) {
    std::array<std::uint8_t, 2> out{};
    for (const char* text : {"", "000", "00000", "000g", "0x00", "00 0", "00FF"}) {
        EXPECT_FALSE(from_hex(text, out)) << text;
    }
}

}  // namespace
}  // namespace reseal
