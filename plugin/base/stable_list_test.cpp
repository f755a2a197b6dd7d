// SPDX-License-Identifier: Apache-2.0
#include "base/stable_list.h"

#include <gtest/gtest.h>

#include <string>

namespace reseal {
namespace {

TEST(StableList, KeepsItsElementsInTheirPlaceWhileItGrowsAndMoves) {
    StableList<std::string> list;
    const std::string* const first = &list.push_back("0");
    std::vector<const std::string*> places;
    for (int number = 1; number < 2000; ++number) {
        places.push_back(&list.push_back(std::to_string(number)));
    }
    const StableList<std::string> moved = std::move(list);
    ASSERT_EQ(moved.size(), 2000U);
    EXPECT_EQ(&moved[0], first);
    for (std::size_t number = 1; number < 2000; ++number) {
        ASSERT_EQ(&moved[number], places[number - 1]);
        ASSERT_EQ(moved[number], std::to_string(number));
    }
}

}  // namespace
}  // namespace reseal
