// SPDX-License-Identifier: Apache-2.0
#include <reseal/posix.h>

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "core/test_support.h"
#include "file_test_support.h"

namespace reseal::test {
namespace {

class Windows : public testing::Test {
  protected:
    ~Windows() override { stop(); }

    void start(std::uint32_t window) {
        ASSERT_EQ(reseal_posix_windows_open(&windows, path.c_str()), RESEAL_OK);
        words.assign(RESEAL_WINDOW_WORDS(window), 0);
        replay = {{}, 0, window, words.data()};
        const reseal_window_store port = reseal_posix_window_store(&windows);
        ASSERT_EQ(port.load(port.context, &replay), RESEAL_OK);
    }

    void stop() { reseal_posix_windows_close(&windows); }

    reseal_status store() {
        const reseal_window_store port = reseal_posix_window_store(&windows);
        return port.store(port.context, &replay, replay.top);
    }

    reseal_status accept_in_memory(std::uint32_t counter) {
        const reseal_status status = reseal_replay_check(&replay, &epoch, counter);
        if (status == RESEAL_OK) {
            reseal_replay_mark(&replay, &epoch, counter);
        }
        return status;
    }

    reseal_status accept(std::uint32_t counter) {
        const reseal_status status = accept_in_memory(counter);
        return status == RESEAL_OK ? store() : status;
    }

    void accept_all(const std::vector<std::uint32_t>& counters) {
        for (const std::uint32_t counter : counters) {
            EXPECT_EQ(accept(counter), RESEAL_OK) << counter;
        }
    }

    // They are left of the stored window or of the current one.
    void expect_all_refused_to(std::uint32_t last) {
        for (std::uint32_t counter = 0; counter <= last; counter++) {
            EXPECT_EQ(accept(counter), RESEAL_REPLAY) << counter;
        }
    }

    void expect_same_after_restart(std::uint32_t window) {
        const std::vector<std::uint32_t> words_before = words;
        const std::uint32_t top_before = replay.top;
        stop();
        start(window);
        EXPECT_TRUE(reseal_epoch_equal(&replay.epoch, &epoch));
        EXPECT_EQ(replay.top, top_before);
        EXPECT_EQ(words, words_before) << window;
    }

    TemporaryFolder folder;
    std::string path = folder.file("device.window");
    reseal_posix_windows windows{};
    std::vector<std::uint32_t> words;
    reseal_replay replay{};
    const reseal_epoch epoch{4000000000U, {0x00, 0xC4, 0xCD, 0xFF}};
};

TEST_F(Windows, StartEmpty) {
    start(128);
    EXPECT_EQ(replay.epoch.number, 0U);
    EXPECT_EQ(accept(0), RESEAL_OK);
}

TEST_F(Windows, ComeBackUnchanged) {
    for (const std::uint32_t window : {32U, 96U, 128U, 4096U}) {
        std::filesystem::remove(path);
        start(window);
        accept_all({5, 6, 9, 5000, 5001, 4990, 1048575});
        expect_same_after_restart(window);
        stop();
    }
}

TEST_F(Windows, SurviveAChangeOfSizeWithoutAcceptingAnythingTwice) {
    std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same walk in every run
    const auto up_to = [&random](std::uint32_t limit) {
        return std::uniform_int_distribution<std::uint32_t>(0, limit)(random);
    };
    std::set<std::uint32_t> accepted;
    std::uint32_t top = 0;
    for (int round = 0; round < 200; round++) {
        start(32 * (1 + up_to(7)));
        for (int step = 0; step < 100; step++) {
            top += up_to(2);
            const std::uint32_t counter = top - std::min(top, up_to(300));
            const bool fresh = accept_in_memory(counter) == RESEAL_OK;
            ASSERT_FALSE(fresh && !accepted.insert(counter).second) << counter << " again in round " << round;
        }
        ASSERT_EQ(store(), RESEAL_OK);
        stop();
    }
    EXPECT_GT(accepted.size(), 100U);
}

TEST_F(Windows, KeepWhatBothSizesCover) {
    start(128);
    accept_all({1000, 990, 900});
    stop();
    start(4096);
    expect_all_refused_to(872);
    EXPECT_EQ(accept(900), RESEAL_REPLAY);
    EXPECT_EQ(accept(873), RESEAL_OK) << "in the old window and never seen";
    stop();
    start(32);
    expect_all_refused_to(968);
    EXPECT_EQ(accept(990), RESEAL_REPLAY);
    EXPECT_EQ(accept(969), RESEAL_OK) << "in both windows and never seen";
}

TEST_F(Windows, AreRefusedWhenTheFileIsDamaged) {
    start(32);
    ASSERT_EQ(accept(7), RESEAL_OK);
    stop();
    const std::string good = read_file(path);
    for (std::size_t i = 0; i < good.size(); i++) {
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 1);
        for (const std::string& text : {good.substr(0, i), flipped}) {
            write_file(path, text);
            ASSERT_EQ(reseal_posix_windows_open(&windows, path.c_str()), RESEAL_WINDOW_NOT_STORED) << text;
        }
    }
    write_file(path, good);
    start(32);
    EXPECT_EQ(accept(7), RESEAL_REPLAY);
}

TEST_F(Windows, BelongToOneReceiver) {
    start(32);
    reseal_posix_windows other{};
    EXPECT_EQ(reseal_posix_windows_open(&other, path.c_str()), RESEAL_IN_USE);
}

TEST_F(Windows, AreNotStoredWhenTheirFolderIsGone) {
    std::filesystem::create_directory(folder.file("gone"));
    path = folder.file("gone/window");
    start(32);
    std::filesystem::remove_all(folder.file("gone"));
    EXPECT_EQ(accept(1), RESEAL_WINDOW_NOT_STORED);
}

TEST_F(Windows, CannotBeUsedAfterClose) {
    start(32);
    stop();
    EXPECT_EQ(store(), RESEAL_WINDOW_NOT_STORED);
    const reseal_window_store port = reseal_posix_window_store(&windows);
    EXPECT_EQ(port.load(port.context, &replay), RESEAL_WINDOW_NOT_STORED);
    EXPECT_EQ(reseal_posix_windows_open(nullptr, path.c_str()), RESEAL_BAD_ARGUMENT);
}

TEST_F(Windows, CarryAReceiverThroughARestart) {
    const reseal_credentials of = credentials();
    const Bytes message = Draft{}.seal();
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(64)> memory{};
    for (const reseal_status expected : {RESEAL_OK, RESEAL_REPLAY}) {
        ASSERT_EQ(reseal_posix_windows_open(&windows, path.c_str()), RESEAL_OK);
        const reseal_window_store port = reseal_posix_window_store(&windows);
        reseal_receiver receiver;
        ASSERT_EQ(
            reseal_receiver_open(&receiver, &of, RESEAL_DOWNLINK, reseal_crypto_openssl(), memory.data(), 64, &port),
            RESEAL_OK);
        Bytes out(message.size());
        reseal_buffer buffer = room(out);
        EXPECT_EQ(reseal_receiver_accept(&receiver, view("ward/7/bed/12/ecg"), view(message), &buffer), expected);
        reseal_receiver_close(&receiver);
        reseal_posix_windows_close(&windows);
    }
}

}  // namespace
}  // namespace reseal::test
