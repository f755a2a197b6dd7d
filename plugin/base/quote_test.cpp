// SPDX-License-Identifier: Apache-2.0
#include "base/quote.h"

#include <gtest/gtest.h>

#include <array>

namespace reseal {
namespace {

TEST(Quote, LeavesReadableTextAsItIs) {
    EXPECT_EQ(quote("ward/3/#"), "'ward/3/#'");
    EXPECT_EQ(quote(""), "''");
    EXPECT_EQ(quote("J\xC3\xB6rg \xE2\x82\xAC"), "'J\xC3\xB6rg \xE2\x82\xAC'");
}

TEST(Quote, EscapesWhatATerminalWouldObey) {
    using namespace std::string_view_literals;
    EXPECT_EQ(quote("\0\n\r\t\x1B[2J\x7F"sv), "'\\x00\\x0a\\x0d\\x09\\x1b[2J\\x7f'");
    EXPECT_EQ(quote("\xC2\x9B"), "'\\xc2\\x9b'");
}

TEST(Quote, EscapesWhatHidesOrReversesText) {
    const std::string general_punctuation = "\xE2\x80";  // the first two bytes of U+2000 to U+203F
    EXPECT_EQ(quote("a" + general_punctuation + "\xAE"), "'a\\xe2\\x80\\xae'");
    EXPECT_EQ(quote("a" + general_punctuation + "\x8B"), "'a\\xe2\\x80\\x8b'");
    EXPECT_EQ(quote("a" + general_punctuation + "\xA8"), "'a\\xe2\\x80\\xa8'");
    EXPECT_EQ(quote("a" + general_punctuation + "\x93"), "'a" + general_punctuation + "\x93'");
    EXPECT_EQ(quote("\xEF\xBB\xBF"), "'\\xef\\xbb\\xbf'");
}

TEST(Quote, EscapesBytesThatAreNotUtf8) {
    EXPECT_EQ(quote("a\xFF\xC3"), "'a\\xff\\xc3'");
}

TEST(Quote, EscapesWhatWouldLookLikeItsEnd) {
    EXPECT_EQ(quote("it's a \"\\x0a\""), R"('it\x27s a "\x5cx0a"')");
    EXPECT_EQ(quote("a\nreseal: b\"c\\\x7f\xff", '"'), R"("a\x0areseal: b\x22c\x5c\x7f\xff")");
    EXPECT_EQ(quote("abcdef", '"', 3), R"("abc"...)");
}

TEST(Quote, CutsLongTextAtACharacter) {
    EXPECT_EQ(quote(std::string(60, 'x')), "'" + std::string(60, 'x') + "'");
    EXPECT_EQ(quote(std::string(61, 'x')), "'" + std::string(60, 'x') + "'...");
    EXPECT_EQ(quote(std::string(59, 'x') + "\xC3\xB6z"), "'" + std::string(59, 'x') + "\xC3\xB6'...");
}

}  // namespace
}  // namespace reseal
