// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <reseal/flash.h>

#include <cstdio>
#include <random>

#include "core/test_support.h"
#include "ports/flash/power_cuts.h"

namespace reseal::test {
namespace {

class FlashWindow : public testing::Test {
  protected:
    FlashWindow() { make(256); }

    void make(std::uint32_t sector_size) {
        reseal_simulated_flash_make(&flash, sector_size, 11);
        flash.power = RESEAL_NEVER;
        store = reseal_flash_window_store(&flash.port);
    }

    // A device that starts, receives one message and is switched off.
    reseal_status boot_and_receive(const Bytes& message) {
        reseal_receiver receiver;
        std::array<std::uint32_t, 4> words{};
        const reseal_credentials of = credentials();
        reseal_status status = reseal_receiver_open(&receiver, &of, RESEAL_DOWNLINK, reseal_crypto_openssl(),
                                                    words.data(), RESEAL_WINDOW_DEFAULT, &store);
        if (status == RESEAL_OK) {
            Bytes text(message.size());
            reseal_buffer out = room(text);
            status = reseal_receiver_accept(&receiver, view(draft.topic), view(message), &out);
            EXPECT_TRUE(status == RESEAL_OK || all_zero(text)) << "nothing is given out that was not stored";
        }
        reseal_receiver_close(&receiver);
        return status;
    }

    Bytes message(std::uint32_t counter, std::uint32_t epoch = 1) {
        draft.counter = counter;
        draft.epoch.number = epoch;
        return draft.seal();
    }

    reseal_simulated_flash flash;
    reseal_window_store store{};
    Draft draft;
};

TEST_F(FlashWindow, IsTheSameAfterEveryRestart) {
    for (const std::uint32_t counter : {5U, 3U, 130U, 7U, 4U}) {
        EXPECT_EQ(boot_and_receive(message(counter)), RESEAL_OK) << counter;
        EXPECT_EQ(boot_and_receive(message(counter)), RESEAL_REPLAY) << counter;
    }
    EXPECT_EQ(boot_and_receive(message(2)), RESEAL_REPLAY) << "left of the window";
    EXPECT_EQ(boot_and_receive(message(0, 2)), RESEAL_OK);
    EXPECT_EQ(boot_and_receive(message(131, 1)), RESEAL_STALE_EPOCH);
}

TEST_F(FlashWindow, IsKeptForTheDefaultSizeOnly) {
    reseal_receiver receiver;
    std::array<std::uint32_t, 2> words{};
    const reseal_credentials of = credentials();
    EXPECT_EQ(reseal_receiver_open(&receiver, &of, RESEAL_DOWNLINK, reseal_crypto_openssl(), words.data(), 64, &store),
              RESEAL_WINDOW_NOT_STORED);
}

TEST_F(FlashWindow, ErasesOncePerStatedNumberOfMessages) {
    make(4096);
    constexpr std::uint32_t messages = 3000;
    for (std::uint32_t counter = 0; counter < messages; counter++) {
        ASSERT_EQ(boot_and_receive(message(counter)), RESEAL_OK);
    }
    std::printf("%u messages erased %u sectors\n", messages, flash.erased[0] + flash.erased[1]);
    EXPECT_LE(flash.erased[0] + flash.erased[1], messages / 56 + 1);
}

TEST_F(FlashWindow, NeverAcceptsAMessageTwiceWhereverThePowerFails) {
    std::minstd_rand random(3);
    std::vector<Bytes> accepted;
    int cuts = 0;
    for (std::uint32_t counter = 0; counter < 20000; counter++) {
        const Bytes fresh = message(counter);
        const auto any = [&random](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
        flash.power = any(4) == 0 ? RESEAL_NEVER : any(any(8) == 0 ? 400 : 90);
        const reseal_status status = boot_and_receive(fresh);
        cuts += flash.power == 0 ? 1 : 0;
        EXPECT_TRUE(status == RESEAL_OK || flash.power == 0) << counter << ": a device with power refuses a message";
        if (status == RESEAL_OK) {
            accepted.push_back(fresh);
        }
        flash.power = RESEAL_NEVER;
        const std::size_t recent = std::min<std::size_t>(accepted.size(), 100);
        if (recent > 0) {
            const Bytes& captured = accepted[accepted.size() - 1 - any(static_cast<std::uint32_t>(recent))];
            ASSERT_EQ(boot_and_receive(captured), RESEAL_REPLAY) << counter;
        }
    }
    std::printf("%zu messages accepted, %d power cuts\n", accepted.size(), cuts);
    EXPECT_GT(cuts, 5000);
}

TEST_F(FlashWindow, ReportsAFailingFlash) {
    flash.port.program = [](void *, std::uint32_t, const std::uint8_t *, std::uint32_t) { return false; };
    EXPECT_EQ(boot_and_receive(message(1)), RESEAL_WINDOW_NOT_STORED);
    flash.port.read = [](void *, std::uint32_t, std::uint8_t *, std::uint32_t) { return false; };
    EXPECT_EQ(boot_and_receive(message(1)), RESEAL_WINDOW_NOT_STORED);
}

}  // namespace
}  // namespace reseal::test
