// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace reseal {
namespace {

TEST(Nearest, SuggestsWhatWasProbablyMeant) {
    constexpr std::array<std::string_view, 4> known{"publish", "subscribe", "deliver", "acl"};
    EXPECT_EQ(nearest("publsh", known), "publish");
    EXPECT_EQ(nearest("Subscribes", known), "subscribe");
    EXPECT_EQ(nearest("delivre", known), "deliver");
    EXPECT_EQ(nearest("publish", known), "publish");
}

TEST(Nearest, SuggestsNothingIfNothingIsClose) {
    constexpr std::array<std::string_view, 3> known{"publish", "deliver", "acl"};
    EXPECT_EQ(nearest("listen", known), "");
    EXPECT_EQ(nearest("tls", known), "");
    EXPECT_EQ(nearest("", known), "");
    EXPECT_EQ(nearest(std::string(1000000, 'x'), known), "");
}

}  // namespace
}  // namespace reseal
