// SPDX-License-Identifier: Apache-2.0
#include "admin/csv.h"

#include <gtest/gtest.h>

namespace reseal::admin {
namespace {

using Fields = std::vector<std::string>;

std::string refusal(std::string_view text) {
    const auto parsed = parse_csv(text, "FILE");
    return parsed ? "parsed" : parsed.error().text();
}

TEST(Csv, ReadsFieldsWithAndWithoutQuotes) {
    const auto parsed = parse_csv("a,\"b,\"\"c\"\"\",\r\n\n\"two\nlines\",,x", "FILE");
    ASSERT_TRUE(parsed);
    ASSERT_EQ(parsed->size(), 2U);
    EXPECT_EQ((*parsed)[0].fields, (Fields{"a", "b,\"c\"", ""}));
    EXPECT_EQ((*parsed)[1].fields, (Fields{"two\nlines", "", "x"}));
    EXPECT_EQ((*parsed)[1].line, 3);
    EXPECT_TRUE(parse_csv("", "FILE")->empty());
}

TEST(Csv, NamesTheMalformedLine) {
    EXPECT_EQ(refusal("a,b\nc\n"), "FILE:2: it has 1 fields; write as many as the first line has: 2");
    EXPECT_EQ(refusal("a\n\"b\n\n"), "FILE:2: a quote is not closed; end the field with a quote");
    EXPECT_TRUE(refusal("a\"b\n").starts_with("FILE:1: there is a quote inside a field"));
    EXPECT_TRUE(refusal("\"a\"b\n").starts_with("FILE:1: there is a quote inside a field"));
}

}  // namespace
}  // namespace reseal::admin
