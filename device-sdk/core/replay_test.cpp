#include <reseal/replay.h>

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace {

class Window {
  public:
    explicit Window(std::uint32_t size) : words_(RESEAL_WINDOW_WORDS(size)), replay_{{}, 0, size, words_.data()} {}

    reseal_status check(const reseal_epoch &epoch, std::uint32_t counter) const {
        return reseal_replay_check(&replay_, &epoch, counter);
    }

    // What a receiver does with a message whose tag is right.
    reseal_status accept(const reseal_epoch &epoch, std::uint32_t counter) {
        const reseal_status status = check(epoch, counter);
        if (status == RESEAL_OK) {
            reseal_replay_mark(&replay_, &epoch, counter);
        }
        return status;
    }

    const std::vector<std::uint32_t> &words() const { return words_; }

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

void run(std::uint32_t window, const std::vector<Row> &rows) {
    Window replay(window);
    for (const Row &row : rows) {
        const reseal_epoch epoch{row.epoch, {row.salt, 0, 0, 0}};
        EXPECT_EQ(replay.accept(epoch, row.counter), row.expected) << "row " << row.number << ", window " << window;
    }
}

constexpr std::uint32_t kLast = RESEAL_COUNTER_LIMIT_VALUE - 1;

class TruthTable : public testing::TestWithParam<std::uint32_t> {};

TEST_P(TruthTable, holds) {
    const std::uint32_t w = GetParam();
    run(w, {
               {1, 0, 0, 0, RESEAL_STALE_EPOCH},  // epoch 0 is never sent
               {2, 5, 0, 0, RESEAL_OK},           // the first message of the first epoch
               {3, 5, 0, 0, RESEAL_REPLAY},
               {4, 5, 0, 1, RESEAL_OK},  // in order
               {5, 5, 0, 1, RESEAL_REPLAY},
               {6, 5, 0, 3, RESEAL_OK},  // one left out
               {7, 5, 0, 2, RESEAL_OK},  // and come later
               {8, 5, 0, 2, RESEAL_REPLAY},
               {9, 5, 0, 3, RESEAL_REPLAY},
               {10, 5, 0, w + 2, RESEAL_OK},  // the window now starts at 3
               {11, 5, 0, 2, RESEAL_REPLAY},  // left of it
               {12, 5, 0, 3, RESEAL_REPLAY},  // its leftmost, marked in row 6
               {13, 5, 0, 4, RESEAL_OK},      // its leftmost but one
               {14, 5, 0, w + 1, RESEAL_OK},
               {15, 5, 0, w + 1, RESEAL_REPLAY},
               {16, 5, 0, 2 * w + 2, RESEAL_OK},  // a jump of exactly one window
               {17, 5, 0, w + 2, RESEAL_REPLAY},  // just left of it
               {18, 5, 0, w + 3, RESEAL_OK},      // its leftmost, whose place held counter 3
               {19, 5, 0, w + 3, RESEAL_REPLAY},
               {20, 5, 0, 500000, RESEAL_OK},  // far ahead
               {21, 5, 0, 2 * w + 2, RESEAL_REPLAY},
               {22, 5, 0, 500000 - w, RESEAL_REPLAY},
               {23, 5, 0, 500000 - w + 1, RESEAL_OK},
               {24, 5, 0, kLast, RESEAL_OK},  // the last counter
               {25, 5, 0, kLast, RESEAL_REPLAY},
               {26, 5, 0, kLast + 1, RESEAL_COUNTER_LIMIT},
               {27, 5, 0, UINT32_MAX, RESEAL_COUNTER_LIMIT},
               {28, 5, 1, 0, RESEAL_STALE_EPOCH},  // the same epoch with another salt
               {29, 5, 1, kLast, RESEAL_STALE_EPOCH},
               {30, 4, 0, 9, RESEAL_STALE_EPOCH},  // an older epoch
               {31, 6, 1, 7, RESEAL_OK},           // a newer one starts anew
               {32, 6, 1, 7, RESEAL_REPLAY},
               {33, 6, 1, 0, RESEAL_OK},
               {34, 6, 1, 0, RESEAL_REPLAY},
               {35, 6, 1, 6, RESEAL_OK},
               {36, 6, 0, 8, RESEAL_STALE_EPOCH},
               {37, 5, 0, 8, RESEAL_STALE_EPOCH},
               {38, UINT32_MAX, 0, kLast, RESEAL_OK},  // the last epoch
               {39, UINT32_MAX, 0, kLast, RESEAL_REPLAY},
               {40, 6, 1, 8, RESEAL_STALE_EPOCH},
           });
}

INSTANTIATE_TEST_SUITE_P(Windows, TruthTable, testing::Values(32U, 96U, 128U, 4096U));

TEST(ReplayCheck, changes_nothing) {
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

TEST_P(RandomWalk, agrees_with_a_set_of_all_accepted_counters) {
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
