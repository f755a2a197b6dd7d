// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

// Does what the store promises, in the most naive way.
class Model {
  public:
    bool accept(const Message& message, std::uint32_t window) {
        Key& key = keys_[message.key];
        if (message.epoch == 0 || message.epoch < key.epoch ||
            (message.epoch == key.epoch && message.salt != key.salt)) {
            return false;
        }
        if (message.epoch > key.epoch) {
            key = {message.epoch, message.salt, {}, 0};
        }
        const bool left = !key.accepted.empty() && message.counter + window <= *key.accepted.rbegin();
        return !left && message.counter >= key.unknown_below && key.accepted.insert(message.counter).second;
    }

    // After a change of the window size: counters older than the old window are no longer known.
    void convert(std::uint32_t old_window) {
        for (auto& [id, key] : keys_) {
            const std::uint32_t end = key.accepted.empty() ? 0 : *key.accepted.rbegin() + 1;
            key.unknown_below = std::max(key.unknown_below, end > old_window ? end - old_window : 0);
        }
    }

  private:
    struct Key {
        std::uint32_t epoch = 0;
        std::uint8_t salt = 0;
        std::set<std::uint32_t> accepted;
        std::uint32_t unknown_below = 0;
    };
    std::map<std::uint32_t, Key> keys_;
};

// Messages of four keys that mostly go on. Some leap, come late or again, or have an old epoch or another salt.
class Traffic {
  public:
    std::uint32_t upto(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

    Message next(std::uint32_t window, std::uint32_t epoch) {
        const std::uint32_t key = upto(4);
        newest_.at(key) += upto(50) == 0 ? upto(3 * window) : upto(3);
        const std::uint32_t back = upto(2 * window);
        const std::uint32_t counter = newest_.at(key) - std::min(back, newest_.at(key));
        return {key, epoch - (upto(100) == 0 ? 1 : 0), counter, static_cast<std::uint8_t>(upto(100) == 0)};
    }

  private:
    std::mt19937 random_{20240229};  // NOLINT(cert-msc*): the same test every time
    std::array<std::uint32_t, 4> newest_{};
};

// Gives a thousand messages to both. Answers how many they accepted.
std::uint32_t play(ReplayStore& store, Model& model, Traffic& traffic, std::uint32_t window, std::uint32_t epoch) {
    std::uint32_t accepted = 0;
    for (int step = 0; step < 1000; ++step) {
        const Message message = traffic.next(window, epoch);
        const bool expected = model.accept(message, window);
        EXPECT_EQ(accept(store, message), expected)
            << "key " << message.key << " epoch " << message.epoch << " counter " << message.counter;
        accepted += expected ? 1 : 0;
    }
    return accepted;
}

TEST(ReplayStore, AcceptsExactlyWhatANaiveModelAcceptsAcrossReopensAndWindows) {
    const TempFolder folder;
    constexpr std::array<std::uint32_t, 6> windows{128, 32, 96, 4096, 64, 1024};
    Model model;
    Traffic traffic;
    std::uint32_t window = 128;
    std::uint32_t accepted = 0;
    for (std::uint32_t round = 0; round < 60; ++round) {
        const std::uint32_t next = round % 3 == 0 ? windows.at(traffic.upto(windows.size())) : window;
        if (next != window) {
            model.convert(window);
        }
        window = next;
        ReplayStore store = open_store(folder, window);
        accepted += play(store, model, traffic, window, 1 + round / 20);
    }
    EXPECT_GT(accepted, 10000U) << "the test has tested something";
}

}  // namespace
}  // namespace reseal::state
