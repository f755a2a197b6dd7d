// SPDX-License-Identifier: Apache-2.0
#include "base/flat_index.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace reseal {
namespace {

bool found(const FlatIndex& index, std::uint32_t hash, std::uint32_t number) {
    return index.find(hash, [number](std::uint32_t candidate) { return candidate == number; }) == number;
}

TEST(FlatIndex, FindsNothingWhileItIsEmpty) {
    const FlatIndex index;
    EXPECT_EQ(index.find(7, [](std::uint32_t) { return true; }), FlatIndex::none);
}

TEST(FlatIndex, DistinguishesNumbersWithTheSameHash) {
    FlatIndex index;
    index.insert(7, 1);
    index.insert(7, 2);
    EXPECT_TRUE(found(index, 7, 1));
    EXPECT_TRUE(found(index, 7, 2));
    index.erase(7, 1);
    EXPECT_FALSE(found(index, 7, 1));
    EXPECT_TRUE(found(index, 7, 2));
}

TEST(FlatIndex, MayEraseWhatItDoesNotHold) {
    FlatIndex index;
    index.erase(7, 1);
    index.insert(7, 1);
    index.erase(7, 2);
    index.erase(8, 1);
    EXPECT_EQ(index.size(), 1U);
    EXPECT_TRUE(found(index, 7, 1));
}

// Few different hashes, at the end of the table too: long runs that wrap around.
TEST(FlatIndex, AgreesWithAMapAfterAnyInsertionsAndErasures) {
    FlatIndex index;
    std::unordered_map<std::uint32_t, std::uint32_t> model;  // hash by number
    std::mt19937 engine(1);
    const auto random = [&](std::uint32_t below) { return static_cast<std::uint32_t>(engine() % below); };
    for (std::uint32_t step = 0; step < 20000; ++step) {
        const std::uint32_t number = random(300);
        const auto known = model.find(number);
        if (known == model.end()) {
            const std::uint32_t hash = 0xfffffff0U + random(40);
            index.insert(hash, number);
            model.emplace(number, hash);
        } else {
            index.erase(known->second, number);
            model.erase(known);
        }
        ASSERT_EQ(index.size(), model.size());
    }
    for (std::uint32_t number = 0; number < 300; ++number) {
        const auto known = model.find(number);
        for (std::uint32_t hash = 0xfffffff0U; hash != 24; ++hash) {
            ASSERT_EQ(found(index, hash, number), known != model.end() && known->second == hash) << number;
        }
    }
}

}  // namespace
}  // namespace reseal
