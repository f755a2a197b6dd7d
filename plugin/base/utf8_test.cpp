// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace reseal {
namespace {

// The definition, written the long way: decode, then compare with the shortest encoding of what came out.
std::string encode(char32_t point) {
    const auto unit = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
    if (point < 0x80) {
        return {unit(point)};
    }
    if (point < 0x800) {
        return {unit(0xC0 | (point >> 6)), unit(0x80 | (point & 0x3F))};
    }
    if (point < 0x10000) {
        return {unit(0xE0 | (point >> 12)), unit(0x80 | ((point >> 6) & 0x3F)), unit(0x80 | (point & 0x3F))};
    }
    return {unit(0xF0 | (point >> 18)), unit(0x80 | ((point >> 12) & 0x3F)), unit(0x80 | ((point >> 6) & 0x3F)),
            unit(0x80 | (point & 0x3F))};
}

TEST(Utf8, AcceptsEveryScalarValueAndNoSurrogate) {
    for (char32_t point = 0; point < 0x120000; ++point) {
        const std::string sequence = encode(point);
        const bool scalar = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
        ASSERT_EQ(utf8_sequence(sequence + "x"), scalar ? sequence.size() : 0) << std::hex << std::uint32_t{point};
    }
}

TEST(Utf8, RefusesEveryTruncatedSequence) {
    for (const char32_t point : {0xE4U, 0x20ACU, 0x1F3E5U}) {
        const std::string sequence = encode(point);
        for (std::size_t length = 0; length < sequence.size(); ++length) {
            EXPECT_EQ(utf8_sequence(std::string_view(sequence).substr(0, length)), 0U);
        }
    }
}

TEST(Utf8, RefusesOverlongForms) {
    for (const std::string_view bytes : {"\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xF8\x88\x80\x80",
                                         "\xFF", "\x80", "\xC3(", "\xE2\x82(", "\xF0\x9F\x8F("}) {
        EXPECT_EQ(utf8_sequence(bytes), 0U) << testing::PrintToString(bytes);
    }
}

TEST(Utf8, ChecksTheWholeText) {
    EXPECT_TRUE(valid_utf8(""));
    EXPECT_TRUE(valid_utf8("Krankenhaus St. J\xC3\xB6rg \xF0\x9F\x8F\xA5"));
    EXPECT_FALSE(valid_utf8("J\xC3\xB6rg\xFF"));
    EXPECT_FALSE(valid_utf8("J\xF6rg"));
}

}  // namespace
}  // namespace reseal
