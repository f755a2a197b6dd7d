// SPDX-License-Identifier: Apache-2.0
#include "config/parse_time.h"

#include <gtest/gtest.h>

namespace reseal::config {
namespace {

TEST(ParseTime, ReadsRfc3339) {
    EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parse_time("2027-01-15T08:00:00Z"), 1'800'000'000);
    EXPECT_EQ(parse_time("2027-01-15T09:30:00+01:30"), 1'800'000'000);
    EXPECT_EQ(parse_time("2027-01-15T03:00:00-05:00"), 1'800'000'000);
    EXPECT_EQ(parse_time("2000-03-01T00:00:00Z"), 951'868'800);
    EXPECT_EQ(parse_time("2100-03-01T00:00:00Z"), 4'107'542'400);
    EXPECT_EQ(parse_time("9999-12-31T23:59:59Z"), 253'402'300'799);
    EXPECT_EQ(parse_time("2024-02-29T23:59:59Z"), 1'709'251'199);
}

TEST(ParseTime, RefusesAnythingElse) {
    for (const char* text :
         {"", "2027-01-15", "2027-01-15T08:00:00", "2027-01-15 08:00:00Z", "2027-02-29T00:00:00Z",
          "2100-02-29T00:00:00Z", "1969-12-31T23:59:59Z", "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z",
          "2027-01-15T24:00:00Z", "2027-01-15T08:60:00Z", "2027-01-15T08:00:60Z", "2027-01-15T08:00:00z",
          "2027-01-15T08:00:00+1:00", "2027-01-15T08:00:00+24:00", "2027-01-15T08:00:00Zx", "+027-01-15T08:00:00Z",
          "2027-01-15T08:00:00.5Z"}) {
        EXPECT_EQ(parse_time(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace reseal::config
