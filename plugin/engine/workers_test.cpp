// SPDX-License-Identifier: Apache-2.0
// What every worker reads changes only while all are outside; what they have derived is forgotten before their next
// call.
#include "engine/workers.h"

#include <array>
#include <thread>

#include <gtest/gtest.h>

namespace reseal::engine {
namespace {

KeyId key_number(std::uint8_t number) {
    KeyId out{};
    out.fill(number);
    return out;
}

TEST(WorkersTest, AreOutsideWhileClosed) {
    Workers workers;
    Workers::One worker;
    workers.add(worker);
    {
        const Workers::Closed closed(workers);
        std::thread([&] { EXPECT_FALSE(std::unique_lock(worker.gate(), std::try_to_lock)); }).join();
    }
    EXPECT_TRUE(std::unique_lock(worker.gate(), std::try_to_lock));
    workers.remove(worker);
}

TEST(WorkersTest, ForgetEachKeyOnce) {
    Workers workers;
    Workers::One first;
    Workers::One second;
    workers.add(first);
    workers.add(second);
    workers.forget_keys(std::array{key_number(1), key_number(2)});
    EXPECT_EQ(first.take_forgotten(), (std::vector<KeyId>{key_number(1), key_number(2)}));
    EXPECT_EQ(first.take_forgotten(), std::vector<KeyId>());
    EXPECT_EQ(second.take_forgotten(), (std::vector<KeyId>{key_number(1), key_number(2)}));
    workers.remove(first);
    workers.remove(second);
}

TEST(WorkersTest, IdleForLongForgetEverything) {
    Workers workers;
    Workers::One worker;
    workers.add(worker);
    for (int i = 0; i < 6000; ++i) {
        workers.forget_keys(std::array{key_number(1), key_number(2)});
    }
    EXPECT_EQ(worker.take_forgotten(), std::nullopt);
    EXPECT_EQ(worker.take_forgotten(), std::vector<KeyId>());
    workers.remove(worker);
}

}  // namespace
}  // namespace reseal::engine
