// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <reseal/flash.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <set>

#include "core/test_support.h"
#include "ports/flash/window_cuts.h"

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

TEST_F(FlashWindow, NeedsSectorsOf256Bytes) {
    make(128);
    EXPECT_EQ(boot_and_receive(message(0)), RESEAL_WINDOW_NOT_STORED);
}

TEST_F(FlashWindow, ForgetsNothingOverAnyGapAndInAnyOrder) {
    make(1024);
    std::minstd_rand random(5);
    const auto below = [&random](std::uint32_t limit) { return static_cast<std::uint32_t>(random() % limit); };
    std::vector<std::uint32_t> counters;
    for (std::uint32_t counter = 0; counters.size() < 4000; counter += below(64) == 0 ? 1 + below(3000) : 1) {
        counters.push_back(counter);
    }
    for (std::size_t i = 0; i + 50 < counters.size(); i += 50) {  // within the window
        std::shuffle(&counters[i], &counters[i] + 50, random);
    }
    std::uint32_t top = 0;
    std::set<std::uint32_t> accepted;
    const auto expect_exact = [&](std::uint32_t counter) {
        const bool is_new = counter + RESEAL_WINDOW_DEFAULT > top && accepted.count(counter) == 0;
        ASSERT_EQ(boot_and_receive(message(counter)), is_new ? RESEAL_OK : RESEAL_REPLAY) << counter << ", top " << top;
        top = std::max(top, counter);
        accepted.insert(counter);
    };
    for (const std::uint32_t counter : counters) {
        expect_exact(counter);
        expect_exact(top - below(std::min(top + 1, 140U)));
    }
}

// The figures of flash.h.
TEST_F(FlashWindow, ProgramsOnceForAMessageAndErasesOncePerStatedNumber) {
    make(4096);
    constexpr std::uint32_t messages = 100000;
    std::array<std::uint32_t, 4> words{};
    reseal_replay replay{{}, 0, RESEAL_WINDOW_DEFAULT, words.data()};
    const reseal_epoch epoch{1, {1, 2, 3, 4}};
    for (std::uint32_t counter = 0; counter < messages; counter++) {
        reseal_replay_mark(&replay, &epoch, counter);
        ASSERT_EQ(store.store(store.context, &replay, counter), RESEAL_OK);
    }
    const std::uint32_t erased = flash.erased[0] + flash.erased[1];
    std::printf("%u messages: %u programs, %u erased sectors\n", messages, flash.programmed, erased);
    EXPECT_LE(flash.programmed, messages + messages / 250);
    EXPECT_LE(erased, messages / 25000 + 1);
}

TEST_F(FlashWindow, ErasesOncePerSixteenEpochs) {
    make(4096);
    for (std::uint32_t epoch = 1; epoch <= 320; epoch++) {
        ASSERT_EQ(boot_and_receive(message(0, epoch)), RESEAL_OK);
    }
    EXPECT_LE(flash.erased[0] + flash.erased[1], 21U);
}

// What version 0.1 wrote: epoch 7, then the counters 5, 3, 130 and 7, in the second sector or in the first.
class WindowOfVersion01 : public FlashWindow, public testing::WithParamInterface<std::uint32_t> {
  protected:
    WindowOfVersion01() {
        draft.epoch = {7, {1, 2, 3, 4}};
        put(0, 1, 0x5efd8576, 5, {0x20, 0});
        put(72, 2, 0xe4f11286, 5, {0x28, 0});
        put(144, 3, 0xb0f4da4b, 130, {0x2c, 0});
        put(216, 4, 0xafc74275, 130, {0xac, 0});
    }

    void put(std::uint32_t place, std::uint32_t number, std::uint32_t sum, std::uint32_t top,
             const std::array<std::uint32_t, 2>& words) {
        const std::array<std::uint32_t, 9> record{sum, number, 7, 0x04030201, top, words[0], words[1], 0, 0};
        std::memcpy(flash.bytes + GetParam() + place, record.data(), sizeof record);
        std::memset(flash.bytes + GetParam() + place + 36, 0, place < 216 ? 8 : 0);  // between them
    }
};

TEST_P(WindowOfVersion01, IsNotForgotten) {
    for (int times = 0; times < 2; times++) {
        for (const std::uint32_t counter : {5U, 3U, 130U, 7U, 2U}) {
            EXPECT_EQ(boot_and_receive(message(counter, 7)), RESEAL_REPLAY) << counter;
        }
        EXPECT_EQ(boot_and_receive(message(200, 6)), RESEAL_STALE_EPOCH);
        EXPECT_EQ(boot_and_receive(message(times == 0 ? 6 : 9, 7)), RESEAL_OK);
    }
    EXPECT_EQ(boot_and_receive(message(6, 7)), RESEAL_REPLAY);
}

TEST_P(WindowOfVersion01, IsNotForgottenWhereverThePowerFailsWhileItIsReplaced) {
    bool cut = true;
    int cuts = 0;
    const reseal_simulated_flash before = flash;
    for (std::uint32_t power = 0; cut; power++) {
        flash = before;
        flash.power = power;
        const reseal_status first = boot_and_receive(message(6, 7));
        cut = flash.power == 0;
        cuts += cut ? 1 : 0;
        flash.power = RESEAL_NEVER;
        for (const std::uint32_t counter : {5U, 3U, 130U, 7U, 2U}) {
            ASSERT_EQ(boot_and_receive(message(counter, 7)), RESEAL_REPLAY) << counter << " after " << power;
        }
        EXPECT_EQ(boot_and_receive(message(131, 7)), RESEAL_OK) << power;
        const reseal_status again = boot_and_receive(message(6, 7));
        EXPECT_TRUE(again == RESEAL_REPLAY || first != RESEAL_OK) << power;
    }
    EXPECT_GT(cuts, 256);
}

INSTANTIATE_TEST_SUITE_P(InEitherSector, WindowOfVersion01, testing::Values(0U, 256U));

TEST(WindowCuts, AtEveryByteAndAgainInTheNextBootDoNoHarm) {
    for (const std::uint32_t sector : {256U, 512U}) {
        reseal_receipts result{};
        reseal_window_cut_everywhere(sector, 1, 7, &result);
        std::printf("sectors of %u: %u boots, %u power cuts, %u accepted\n", sector, result.boots, result.cuts,
                    result.accepted);
        EXPECT_EQ(result.accepted_twice, 0U) << "a message was accepted twice";
        EXPECT_EQ(result.lost, 0U) << "a new message was refused";
        EXPECT_GT(result.cuts, 10000U);
    }
}

TEST_F(FlashWindow, NeverAcceptsAMessageTwiceWhereverThePowerFails) {
    std::minstd_rand random(3);
    std::vector<Bytes> accepted;
    int cuts = 0;
    for (std::uint32_t counter = 0; counter < 20000; counter++) {
        const Bytes fresh = message(counter);
        const auto any = [&random](std::uint32_t below) { return static_cast<std::uint32_t>(random() % below); };
        flash.power = any(4) == 0 ? RESEAL_NEVER : any(any(8) == 0 ? 400 : 9);
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
