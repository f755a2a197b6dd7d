// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <reseal/flash.h>

#include <cstdio>
#include <memory>

#include "core/test_support.h"
#include "ports/flash/power_cuts.h"

namespace reseal::test {
namespace {

class FlashEpochs : public testing::Test {
  protected:
    FlashEpochs() { make(64); }

    void make(std::uint32_t sector_size) {
        reseal_simulated_flash_make(&flash, sector_size, 7);
        flash.power = RESEAL_NEVER;
        store = reseal_flash_epoch_store(&flash.port);
    }

    std::uint32_t load() {
        std::uint32_t epoch = 99;
        EXPECT_EQ(store.load(store.context, &epoch), RESEAL_OK);
        return epoch;
    }

    void put(std::uint32_t epoch) { ASSERT_EQ(store.store(store.context, epoch), RESEAL_OK) << epoch; }

    reseal_simulated_flash flash;
    reseal_epoch_store store{};
};

TEST_F(FlashEpochs, StartAtZeroInABlankFlash) {
    EXPECT_EQ(load(), 0U);
}

TEST_F(FlashEpochs, AreTheLastStoredThroughManySectorChanges) {
    for (std::uint32_t epoch = 1; epoch <= 100; epoch++) {
        put(epoch);
        ASSERT_EQ(load(), epoch);
    }
}

TEST_F(FlashEpochs, IncludeTheLastOneWhichLooksLikeBlankFlash) {
    put(UINT32_MAX - 1);
    put(UINT32_MAX);
    EXPECT_EQ(load(), UINT32_MAX);
}

TEST_F(FlashEpochs, EraseASectorOnlyInItsTurn) {
    make(4096);
    for (std::uint32_t epoch = 1; epoch <= 3 * 256; epoch++) {
        put(epoch);
    }
    EXPECT_EQ(flash.erased[0], 1U);
    EXPECT_EQ(flash.erased[1], 2U);
}

TEST_F(FlashEpochs, SkipARecordWithAnyWrongBit) {
    put(41);
    put(42);
    std::uint8_t *const last = flash.bytes + 64 + 16;
    for (int bit = 0; bit < 64; bit++) {
        last[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_EQ(load(), 41U) << bit;
        last[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
    EXPECT_EQ(load(), 42U);
}

TEST_F(FlashEpochs, AreReadFromWhicheverSectorHasTheHighest) {
    for (std::uint32_t epoch = 1; epoch <= 5; epoch++) {  // the fifth is in the other sector
        put(epoch);
    }
    std::swap_ranges(flash.bytes, flash.bytes + 64, flash.bytes + 64);
    EXPECT_EQ(load(), 5U);
    put(6);
    EXPECT_EQ(load(), 6U);
}

TEST_F(FlashEpochs, DoNotCountAsStoredWhenTheFlashDoesNotKeepThem) {
    put(1);
    const auto program = flash.port.program;
    flash.port.program = [](void *, std::uint32_t, const std::uint8_t *, std::uint32_t) { return true; };
    EXPECT_EQ(store.store(store.context, 2), RESEAL_EPOCH_NOT_STORED);
    flash.port.program = program;
    put(2);
    EXPECT_EQ(load(), 2U);
}

TEST_F(FlashEpochs, ReportAFlashThatCannotBeReadOrErased) {
    flash.port.erase = [](void *, std::uint32_t) { return false; };
    EXPECT_EQ(store.store(store.context, 1), RESEAL_EPOCH_NOT_STORED);
    flash.port.read = [](void *, std::uint32_t, std::uint8_t *, std::uint32_t) { return false; };
    std::uint32_t epoch = 0;
    EXPECT_EQ(store.load(store.context, &epoch), RESEAL_EPOCH_NOT_STORED);
    EXPECT_EQ(store.store(store.context, 1), RESEAL_EPOCH_NOT_STORED);
}

void expect_no_harm(const reseal_boots& result) {
    std::printf("%u boots, in %u of them the power failed\n", result.boots, result.cuts);
    EXPECT_EQ(result.used_twice, 0U) << "an epoch was used twice";
    EXPECT_EQ(result.refused, 0U) << "a device with power could not seal";
}

TEST(PowerCuts, AtEveryByteAndAgainAtEveryByteOfTheNextBootDoNoHarm) {
    reseal_boots result{};
    reseal_cut_everywhere(64, 20, reseal_crypto_openssl(), &result);
    expect_no_harm(result);
    EXPECT_GT(result.cuts, 10000U);
}

TEST(PowerCuts, OverAHundredThousandBootsDoNoHarmAndWearAsStated) {
    reseal_boots result{};
    const reseal_simulated_flash *flash = reseal_cut_at_random(4096, 100000, 1, reseal_crypto_openssl(), &result);
    expect_no_harm(result);
    EXPECT_GT(result.cuts, 50000U);
    std::printf("the sectors were erased %u and %u times\n", flash->erased[0], flash->erased[1]);
    EXPECT_LE(flash->erased[0] + flash->erased[1], 2 * 100000U / 256) << "256 boots an erasure, but for cut ones";
}

// The checks above can fail, for instance for a store that forgets or does not read back what it wrote.
TEST(PowerCuts, AreDetectedWhenTheFlashForgets) {
    const auto flash = std::make_unique<reseal_simulated_flash>();
    reseal_simulated_flash_make(flash.get(), 64, 1);
    reseal_boots result{};
    reseal_boot(flash.get(), reseal_crypto_openssl(), RESEAL_NEVER, &result);
    reseal_simulated_flash_make(flash.get(), 64, 1);
    reseal_boot(flash.get(), reseal_crypto_openssl(), RESEAL_NEVER, &result);
    EXPECT_EQ(result.used_twice, 1U);
}

}  // namespace
}  // namespace reseal::test
