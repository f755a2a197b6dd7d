// SPDX-License-Identifier: Apache-2.0
#include "engine/will_slot.h"

#include <gtest/gtest.h>

namespace reseal::engine {
namespace {

constexpr std::array<std::uint8_t, RESEAL_KEY_ID_SIZE> key = {1, 2, 3};

reseal_envelope message(std::uint32_t counter, std::uint32_t epoch = 1) {
    reseal_envelope out{};
    std::copy(key.begin(), key.end(), out.key_id);
    out.epoch.number = epoch;
    out.counter = counter;
    return out;
}

state::Accepted accepted(std::uint32_t counter) {
    return {.epoch = message(counter).epoch, .counter = counter};
}

TEST(WillSlot, AdmitsCountersThatTheFirstMessageSkipped) {
    WillSlot slot;
    EXPECT_FALSE(slot.open());
    slot.accepted(message(12), accepted(9));
    EXPECT_TRUE(slot.open());
    EXPECT_FALSE(slot.admits(message(9)));
    EXPECT_TRUE(slot.admits(message(10)));
    EXPECT_TRUE(slot.admits(message(11)));
    EXPECT_FALSE(slot.admits(message(12)));
    EXPECT_FALSE(slot.admits(message(11, 2)));
}

TEST(WillSlot, IsClosedIfNothingWasSkipped) {
    WillSlot slot;
    slot.accepted(message(10), accepted(9));
    EXPECT_FALSE(slot.open());
    WillSlot late;
    late.accepted(message(5), accepted(9));
    EXPECT_FALSE(late.open());
    EXPECT_FALSE(late.admits(message(5)));
}

TEST(WillSlot, AdmitsAWillSealedBeforeOrAfterTheProofOfItsSession) {
    for (const std::uint32_t will : {10U, 12U}) {
        WillSlot slot;
        slot.proven(message(11), accepted(9));
        slot.accepted(message(13), accepted(11));
        EXPECT_TRUE(slot.open());
        EXPECT_TRUE(slot.admits(message(will)));
        EXPECT_FALSE(slot.admits(message(11))) << "the proof was accepted already";
        EXPECT_FALSE(slot.admits(message(9)));
    }
}

TEST(WillSlot, IsClosedAfterAProofThatSkippedNothing) {
    WillSlot slot;
    slot.proven(message(10), accepted(9));
    slot.accepted(message(11), accepted(10));
    EXPECT_FALSE(slot.open());
}

TEST(WillSlot, StartsWithAnEpochThatBeganAfterTheProof) {
    WillSlot slot;
    slot.proven(message(10), accepted(9));
    slot.accepted(message(2, 2), accepted(10));
    EXPECT_TRUE(slot.admits(message(1, 2)));
    EXPECT_FALSE(slot.admits(message(9)));
}

TEST(WillSlot, IsClosedWhenTheWillArrivesAsAnOrdinaryMessage) {
    WillSlot slot;
    slot.accepted(message(12), accepted(9));
    slot.accepted(message(11), accepted(12));
    EXPECT_FALSE(slot.open());
    EXPECT_FALSE(slot.admits(message(10)));
}

}  // namespace
}  // namespace reseal::engine
