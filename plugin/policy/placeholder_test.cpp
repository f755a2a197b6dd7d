// SPDX-License-Identifier: Apache-2.0
#include "policy/placeholder.h"

#include <gtest/gtest.h>

namespace reseal::policy {
namespace {

std::string in_capitals(std::string_view pattern) {
    return filled(pattern, [](std::string_view name) { return "<" + std::string(name) + ">"; });
}

TEST(Placeholder, IsAnythingInBraces) {
    EXPECT_EQ(in_capitals("ward/{id}/x-{ward}.{id}/#"), "ward/<id>/x-<ward>.<id>/#");
    EXPECT_EQ(in_capitals("ward/#"), "ward/#");
}

TEST(Placeholder, NeedsBothBracesAndANameInOneLevel) {
    for (const std::string_view pattern : {"{", "}", "{}", "{a", "a}", "{{a}}", "{a{b}}", "{a/b}"}) {
        EXPECT_FALSE(pieces(pattern)) << pattern;
    }
}

TEST(Placeholder, RefusesAValueThatCouldAddALevelOrAWildcard) {
    EXPECT_TRUE(usable_value("icu 2"));
    EXPECT_TRUE(usable_value(std::string(64, 'x')));
    for (const std::string_view value : {"", "a/b", "+", "a#", "$SYS", "\xFF"}) {
        EXPECT_FALSE(usable_value(value)) << testing::PrintToString(value);
    }
    EXPECT_FALSE(usable_value(std::string("a\0b", 3)));
    EXPECT_FALSE(usable_value(std::string(65, 'x')));
}

TEST(LevelTemplate, MatchesALevelWithItsValuesFilledIn) {
    Slots slots;
    const LevelTemplate level("bed-{id}.{ward}", slots);
    const Values values{"7", "", "icu"};
    EXPECT_EQ(level.match("bed-7.icu", values), LevelTemplate::Match::yes);
    EXPECT_EQ(level.text(values), "bed-7.icu");
    for (const std::string_view other : {"", "bed-7.icu2", "bed-7.ic", "bed-8.icu", "bed-{id}.{ward}"}) {
        EXPECT_EQ(level.match(other, values), LevelTemplate::Match::no) << other;
    }
}

TEST(LevelTemplate, SaysThatAValueIsMissing) {
    Slots slots;
    const LevelTemplate level("{id}{ward}", slots);
    EXPECT_EQ(level.match("x", {"x", ""}), LevelTemplate::Match::no_value);
    EXPECT_EQ(level.match("y", {"x", "", ""}), LevelTemplate::Match::no_value);
    EXPECT_EQ(level.text({"x", ""}), std::nullopt);
}

}  // namespace
}  // namespace reseal::policy
