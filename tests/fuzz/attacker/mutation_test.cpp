// SPDX-License-Identifier: Apache-2.0
#include "fuzz/attacker/mutation.h"

#include <gtest/gtest.h>

namespace attacker {
namespace {

TEST(Mutation, IsTheSameWithTheSameSeed) {
    const mqtt::Bytes bytes = Dice(1).bytes(60);
    Dice first(7);
    Dice second(7);
    EXPECT_EQ(mutated(first, bytes, {1, 2, 3}), mutated(second, bytes, {1, 2, 3}));
}

TEST(Mutation, MostlyChangesSomething) {
    Dice dice(1);
    const mqtt::Bytes bytes = dice.bytes(60);
    int changed = 0;
    for (int i = 0; i < 1000; ++i) {
        changed += mutated(dice, bytes, bytes) != bytes ? 1 : 0;
    }
    EXPECT_GT(changed, 950);
}

TEST(Mutation, MakesSomethingFromAnEmptyInput) {
    Dice dice(1);
    EXPECT_FALSE(mutated(dice, {}, {}).empty() && mutated(dice, {}, {}).empty());
}

}  // namespace
}  // namespace attacker
