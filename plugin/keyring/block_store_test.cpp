// SPDX-License-Identifier: Apache-2.0
#include "keyring/block_store.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

namespace reseal::keyring {
namespace {

using Numbers = std::vector<std::uint64_t>;

std::span<const std::uint64_t> copy(BlockStore& store, const Numbers& numbers) {
    return store.copy(std::span(numbers));
}

TEST(BlockStore, HoldsArraysOfAllSizesApart) {
    BlockStore store;
    std::vector<std::span<const std::uint64_t>> held;
    std::vector<Numbers> wanted;
    for (std::size_t size = 0; size < 200; ++size) {
        Numbers& numbers = wanted.emplace_back(size * size / 4);  // some larger than a chunk of the store
        std::iota(numbers.begin(), numbers.end(), size * 100000);
        held.push_back(copy(store, numbers));
    }
    for (std::size_t size = 0; size < 200; ++size) {
        EXPECT_TRUE(std::equal(held[size].begin(), held[size].end(), wanted[size].begin(), wanted[size].end()));
    }
}

TEST(BlockStore, WipesFreedBlocksAndReusesThemForTheSameSize) {
    BlockStore store;
    const auto first = copy(store, {1, 2, 3});
    const auto second = copy(store, {4, 5, 6});
    store.give_back(first);
    EXPECT_EQ(first[1], 0U);
    EXPECT_EQ(first[2], 0U);
    store.give_back(second);
    EXPECT_NE(copy(store, {7}).data(), second.data());
    EXPECT_EQ(copy(store, {7, 8, 9}).data(), second.data());
    EXPECT_EQ(copy(store, {7, 8, 9}).data(), first.data());
    EXPECT_NE(copy(store, {7, 8, 9}).data(), first.data());
}

TEST(BlockStore, TakesBackAnEmptyArray) {
    BlockStore store;
    const auto none = copy(store, {});
    EXPECT_TRUE(none.empty());
    store.give_back(none);
}

}  // namespace
}  // namespace reseal::keyring
