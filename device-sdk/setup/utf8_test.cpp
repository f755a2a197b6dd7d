// SPDX-License-Identifier: Apache-2.0
#include "setup/utf8.h"

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace {

using reseal::test::view;
using namespace std::string_view_literals;

TEST(Utf8, CharactersOfOneToFourBytesAreText) {
    for (const auto text : {""sv, "Station 7"sv, "Zürich"sv, "\"l'été\""sv, "日本"sv, "\xF0\x9F\x9A\x91"sv,
                            "\xED\x9F\xBF\xEE\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv}) {
        EXPECT_TRUE(reseal_utf8_check(view(text))) << text;
    }
}

TEST(Utf8, OverlongFormsSurrogatesAndTruncatedSequencesAreNotText) {
    for (const auto text : {"\x80"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC3"sv, "\xC3\x28"sv, "\xE0\x9F\xBF"sv,
                            "\xE2\x82"sv, "\xED\xA0\x80"sv, "\xF0\x8F\xBF\xBF"sv, "\xF4\x90\x80\x80"sv,
                            "\xF5\x80\x80\x80"sv, "\xF0\x9F\x9A"sv, "\xFF"sv, "a\xFE"sv}) {
        EXPECT_FALSE(reseal_utf8_check(view(text))) << text;
    }
}

}  // namespace
