// SPDX-License-Identifier: Apache-2.0
#include <reseal/replay.h>

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace {

class Window {
  public:
    explicit Window(std::uint32_t size) : words_(RESEAL_WINDOW_WORDS(size)), replay_{{}, 0, size, words_.data()} {}

    reseal_status check(const reseal_epoch& epoch, std::uint32_t counter) const {
        return reseal_replay_check(&replay_, &epoch, counter);
    }

    // What a receiver does with a message whose tag is valid.
    reseal_status accept(const reseal_epoch& epoch, std::uint32_t counter) {
        const reseal_status status = check(epoch, counter);
        if (status == RESEAL_OK) {
            reseal_replay_mark(&replay_, &epoch, counter);
        }
        return status;
    }

    const std::vector<std::uint32_t>& words() const { return words_; }

  private:
    std::vector<std::uint32_t> words_;
    reseal_replay replay_;
};

struct Row {
    int number;
    std::uint32_t epoch;
    std::uint8_t salt;
    std::uint32_t counter;
    reseal_status expected;
};

void run(std::uint32_t window, const std::vector<Row>& rows) {
    Window replay(window);
    for (const Row& row : rows) {
        const reseal_epoch epoch{row.epoch, {row.salt, 0, 0, 0}};
        EXPECT_EQ(replay.accept(epoch, row.counter), row.expected) << "row " << row.number << ", window " << window;
    }
}

constexpr std::uint32_t kLast = RESEAL_COUNTER_LIMIT_VALUE - 1;

class TruthTable : public testing::TestWithParam<std::uint32_t> {};

TEST_P(TruthTable, Holds) {
    const std::uint32_t w = GetParam();
    constexpr std::uint32_t last = kLast;
    run(w, {
#include "replay_rows.inc"
           });
}

INSTANTIATE_TEST_SUITE_P(Windows, TruthTable, testing::Values(32U, 96U, 128U, 4096U));

TEST(ReplayCheck, ChangesNothing) {
    Window replay(32);
    const reseal_epoch epoch{1, {}};
    replay.accept(epoch, 10);
    const std::vector<std::uint32_t> before = replay.words();
    replay.check({2, {}}, 0);
    replay.check(epoch, 1000);
    EXPECT_EQ(replay.words(), before);
    EXPECT_EQ(replay.check(epoch, 9), RESEAL_OK);
    EXPECT_EQ(replay.check(epoch, 10), RESEAL_REPLAY);
}

// The window as the protocol's text describes it, without any cleverness.
class Naive {
  public:
    explicit Naive(std::uint32_t window) : window_(window) {}

    reseal_status accept(std::uint32_t epoch, std::uint32_t counter) {
        if (epoch == 0 || epoch < epoch_) {
            return RESEAL_STALE_EPOCH;
        }
        if (counter >= RESEAL_COUNTER_LIMIT_VALUE) {
            return RESEAL_COUNTER_LIMIT;
        }
        if (epoch > epoch_) {
            accepted_.clear();
            epoch_ = epoch;
        }
        const bool left = !accepted_.empty() && counter + window_ <= *accepted_.rbegin();
        return !left && accepted_.insert(counter).second ? RESEAL_OK : RESEAL_REPLAY;
    }

  private:
    std::uint32_t window_;
    std::uint32_t epoch_ = 0;
    std::set<std::uint32_t> accepted_;
};

class RandomWalk : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomWalk, AgreesWithASetOfAllAcceptedCounters) {
    const std::uint32_t window = GetParam();
    std::mt19937 random(window);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same walk in every run
    const auto up_to = [&random](std::uint32_t limit) {
        return std::uniform_int_distribution<std::uint32_t>(0, limit)(random);
    };
    Window replay(window);
    Naive naive(window);
    std::uint32_t epoch = 1;
    std::uint32_t near = 0;
    for (int step = 0; step < 200000; step++) {
        if (up_to(4999) == 0) {
            epoch = epoch + up_to(3) - 1;
            near = 0;
        }
        near += up_to(99) == 0 ? up_to(3 * window) : up_to(2);
        const std::uint32_t counter = near - std::min(near, up_to(window + 4));
        ASSERT_EQ(replay.accept({epoch, {}}, counter), naive.accept(epoch, counter))
            << "step " << step << ", epoch " << epoch << ", counter " << counter;
    }
}

INSTANTIATE_TEST_SUITE_P(Windows, RandomWalk, testing::Values(32U, 64U, 96U, 128U, 1024U, 4096U));

}  // namespace
