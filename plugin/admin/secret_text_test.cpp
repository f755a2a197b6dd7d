// SPDX-License-Identifier: Apache-2.0
#include "admin/secret_text.h"

#include <gtest/gtest.h>

namespace reseal::admin {
namespace {

TEST(SecretText, HoldsWhatWasAppendedEvenBeyondItsCapacity) {
    SecretText text(4);
    std::string expected;
    for (int part = 0; part < 200; ++part) {
        text.append("0123456789");
        expected += "0123456789";
    }
    EXPECT_EQ(text.expose(), expected);
}

TEST(SecretText, LeavesNothingBehindWhenMoved) {
    SecretText first(100);
    first.append("secret");
    const char* before = first.expose().data();
    const SecretText second(std::move(first));
    EXPECT_EQ(second.expose(), "secret");
    EXPECT_EQ(second.expose().data(), before);  // the memory itself moved, so there is no second copy
}

}  // namespace
}  // namespace reseal::admin
