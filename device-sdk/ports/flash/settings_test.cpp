// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <reseal/flash.h>

#include <string>

#include "core/test_support.h"
#include "ports/flash/power_cuts.h"

namespace reseal::test {
namespace {

constexpr std::uint32_t kSettingsSector = 256;

class FlashRecord : public testing::Test {
  protected:
    FlashRecord() {
        reseal_simulated_flash_make(&flash, kSettingsSector, 3);
        flash.power = RESEAL_NEVER;
    }

    reseal_status write(const std::string& text) { return reseal_flash_record_write(&flash.port, view(text)); }

    std::string read() {
        Bytes memory(kSettingsSector);
        reseal_buffer out = room(memory);
        EXPECT_EQ(reseal_flash_record_read(&flash.port, &out), RESEAL_OK);
        return {memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(out.size)};
    }

    reseal_simulated_flash flash;
};

TEST_F(FlashRecord, DoesNotExistInABlankFlash) {
    EXPECT_EQ(read(), "");
}

TEST_F(FlashRecord, IsTheLastOneWritten) {
    for (int i = 0; i < 5; i++) {
        const std::string text(static_cast<std::size_t>(1 + 50 * i), static_cast<char>('a' + i));
        ASSERT_EQ(write(text), RESEAL_OK);
        EXPECT_EQ(read(), text);
    }
}

TEST_F(FlashRecord, HoldsTheStatedSizeAndNoMore) {
    const std::string longest(RESEAL_FLASH_RECORD_MAX(kSettingsSector), 'x');
    ASSERT_EQ(write(longest), RESEAL_OK);
    EXPECT_EQ(write(longest + "y"), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(write(""), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_flash_record_write(nullptr, view(longest)), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(read(), longest);
}

TEST_F(FlashRecord, IsTheOldOrTheNewOneWhereverThePowerFails) {
    ASSERT_EQ(write("the first"), RESEAL_OK);
    ASSERT_EQ(write("the second"), RESEAL_OK);
    const reseal_simulated_flash before = flash;
    const std::string third(40, '3');
    bool cut = true;
    for (std::uint32_t power = 0; cut; power++) {
        flash = before;
        flash.port.context = &flash;
        flash.random += power;
        flash.power = power;
        cut = write(third) != RESEAL_OK;
        flash.power = RESEAL_NEVER;
        const std::string found = read();
        EXPECT_TRUE(found == "the second" || found == third) << power;
        ASSERT_EQ(write("the fourth"), RESEAL_OK) << power;
        EXPECT_EQ(read(), "the fourth") << power;
    }
}

TEST_F(FlashRecord, IsRefusedWithAnyWrongBit) {
    ASSERT_EQ(write("abc"), RESEAL_OK);
    std::uint8_t *const record = flash.bytes + kSettingsSector;
    for (int bit = 0; bit < 15 * 8; bit++) {
        record[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_EQ(read(), "") << bit;
        record[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    }
}

TEST_F(FlashRecord, NeedsALargeEnoughBuffer) {
    ASSERT_EQ(write("four"), RESEAL_OK);
    Bytes memory(3);
    reseal_buffer out = room(memory);
    EXPECT_EQ(reseal_flash_record_read(&flash.port, &out), RESEAL_BUFFER_TOO_SMALL);
    EXPECT_TRUE(all_zero(memory));
    EXPECT_EQ(reseal_flash_record_read(&flash.port, nullptr), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_flash_record_read(nullptr, &out), RESEAL_BAD_ARGUMENT);
}

TEST_F(FlashRecord, CannotBeReadOrWrittenIfTheFlashFails) {
    flash.port.erase = [](void *, std::uint32_t) { return false; };
    EXPECT_EQ(write("text"), RESEAL_NOT_STORED);
    flash.port.read = [](void *, std::uint32_t, std::uint8_t *, std::uint32_t) { return false; };
    Bytes memory(8);
    reseal_buffer out = room(memory);
    EXPECT_EQ(reseal_flash_record_read(&flash.port, &out), RESEAL_NOT_STORED);
    EXPECT_EQ(write("text"), RESEAL_NOT_STORED);
}

}  // namespace
}  // namespace reseal::test
