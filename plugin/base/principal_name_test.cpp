// SPDX-License-Identifier: Apache-2.0
#include "base/principal_name.h"

#include <gtest/gtest.h>

#include <string>

namespace reseal {
namespace {

TEST(PrincipalName, Has1To64Characters) {
    EXPECT_TRUE(valid_principal("a"));
    EXPECT_TRUE(valid_principal("Pump-7_b.ward3"));
    EXPECT_TRUE(valid_principal(std::string(64, 'x')));
    EXPECT_FALSE(valid_principal(""));
    EXPECT_FALSE(valid_principal(std::string(65, 'x')));
}

TEST(PrincipalName, HasLettersDigitsDotUnderscoreHyphenOnly) {
    const std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    for (int c = 0; c < 256; ++c) {
        const std::string name(1, static_cast<char>(c));
        EXPECT_EQ(valid_principal(name), allowed.find(name) != std::string_view::npos) << c;
    }
}

}  // namespace
}  // namespace reseal
