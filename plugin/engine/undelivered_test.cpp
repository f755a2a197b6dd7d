// SPDX-License-Identifier: Apache-2.0
#include "engine/undelivered.h"

#include <gtest/gtest.h>

namespace reseal::engine {
namespace {

reseal_envelope message(std::uint8_t key, std::uint32_t epoch, std::uint32_t counter) {
    reseal_envelope out{};
    out.key_id[0] = key;
    out.epoch.number = epoch;
    out.counter = counter;
    return out;
}

TEST(Undelivered, HoldsWhatWasAddedUntilItIsRemoved) {
    Undelivered messages;
    messages.add(message(1, 1, 5));
    EXPECT_TRUE(messages.contains(message(1, 1, 5)));
    EXPECT_FALSE(messages.contains(message(1, 1, 6)));
    EXPECT_FALSE(messages.contains(message(1, 2, 5)));
    EXPECT_FALSE(messages.contains(message(2, 1, 5)));
    messages.remove(message(1, 1, 5));
    EXPECT_FALSE(messages.contains(message(1, 1, 5)));
    messages.remove(message(1, 1, 5));
}

TEST(Undelivered, KeepsEachKeysEntriesApart) {
    Undelivered messages;
    for (std::uint8_t key = 1; key <= 100; ++key) {
        messages.add(message(key, key, 7));
    }
    for (std::uint8_t key = 1; key <= 100; ++key) {
        messages.remove(message(key, key, 7));
    }
    for (std::uint8_t key = 100; key > 0; --key) {  // in what the others left
        EXPECT_FALSE(messages.contains(message(key, key, 7)));
        messages.add(message(key, 200, 8));
        EXPECT_TRUE(messages.contains(message(key, 200, 8)));
        EXPECT_FALSE(messages.contains(message(key, 200, 7)));
        EXPECT_FALSE(messages.contains(message(key, key, 8)));
    }
    messages.forget(KeyId{50});
    EXPECT_FALSE(messages.contains(message(50, 200, 8)));
    EXPECT_TRUE(messages.contains(message(51, 200, 8)));
}

TEST(Undelivered, HoldsTheLastTwoEpochsOfAKey) {
    Undelivered messages;
    for (const std::uint32_t epoch : {1U, 2U, 3U}) {
        messages.add(message(1, epoch, 1));
    }
    EXPECT_FALSE(messages.contains(message(1, 1, 1)));
    EXPECT_TRUE(messages.contains(message(1, 2, 1)));
    EXPECT_TRUE(messages.contains(message(1, 3, 1)));
    messages.remove(message(1, 2, 1));
    EXPECT_FALSE(messages.contains(message(1, 2, 1)));
    EXPECT_TRUE(messages.contains(message(1, 3, 1)));
}

}  // namespace
}  // namespace reseal::engine
