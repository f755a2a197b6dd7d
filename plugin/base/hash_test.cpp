// SPDX-License-Identifier: Apache-2.0
#include "base/hash.h"

#include <gtest/gtest.h>

#include <array>

namespace reseal {
namespace {

TEST(Hash, CoversEveryByte) {
    const std::array<std::uint8_t, 9> bytes{1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::array<std::uint8_t, 9> other = bytes;
        other.at(at) ^= 0x80;
        EXPECT_NE(hash_of(bytes), hash_of(other)) << at;
    }
    EXPECT_NE(hash_of(std::span(bytes).first(8)), hash_of(bytes));
}

TEST(Hash, IsTheSameForTextAndItsBytes) {
    const std::array<std::uint8_t, 9> bytes{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'};
    EXPECT_EQ(hash_of("abcdefghi"), hash_of(bytes));
    EXPECT_NE(hash_of(""), hash_of(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace reseal
