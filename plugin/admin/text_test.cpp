// SPDX-License-Identifier: Apache-2.0
#include "admin/text.h"

#include <gtest/gtest.h>

namespace reseal::admin {
namespace {

TEST(Text, WritesTimes) {
    EXPECT_EQ(date(0), "1970-01-01");
    EXPECT_EQ(date_and_time(1709210096), "2024-02-29 12:34:56 UTC");
}

TEST(Text, KnowsAlgorithmsByNameAndNumber) {
    EXPECT_EQ(*parse_algorithm("AES-CCM-16-128-128"), 30);
    EXPECT_EQ(*parse_algorithm("30"), 30);
    EXPECT_EQ(*parse_algorithm("AES-CCM-16-128-256"), 31);
    EXPECT_EQ(*parse_algorithm("A128GCM"), 1);
    EXPECT_EQ(*parse_algorithm("3"), 3);
    EXPECT_EQ(*parse_algorithm("ChaCha20/Poly1305"), 24);
    EXPECT_EQ(algorithm_text(1), "A128GCM (1)");
}

TEST(Text, NamesAllAlgorithmsWhenItKnowsNone) {
    for (const char* text : {"", "2", "030", "A192GCM", "30 "}) {
        const auto parsed = parse_algorithm(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_NE(parsed.error().remedy.find("AES-CCM-16-128-128 (30)"), std::string::npos);
        EXPECT_NE(parsed.error().remedy.find("A256GCM (3)"), std::string::npos);
    }
}

}  // namespace
}  // namespace reseal::admin
