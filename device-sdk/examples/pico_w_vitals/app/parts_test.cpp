// SPDX-License-Identifier: Apache-2.0
// Sensors, texts and commands, each on its own.
#include <gtest/gtest.h>

#include <array>
#include <set>

#include "app/command.h"
#include "app/led.h"
#include "app/reading.h"
#include "app/test_board.h"

namespace reseal::vitals {
namespace {

class Sensors : public testing::Test {
  protected:
    reading take() {
        reading taken{};
        reading_take(board.get(), &motion_ready, &taken);
        return taken;
    }

    static std::string write(const reading& taken) {
        std::string memory(READING_TEXT_MAX, '\0');
        text out{.memory = memory.data(), .capacity = memory.size(), .size = 0, .cut = false};
        reading_write(&taken, 12, 61'000, &out);
        EXPECT_FALSE(out.cut);
        return memory.substr(0, out.size);
    }

    TestBoard board;
    bool motion_ready = false;
};

TEST_F(Sensors, Mpu6050IsWokenAndReadInG) {
    ASSERT_TRUE(mpu6050_start(board.get()));
    board.motion.measure({0.5, -0.25, 1.0}, {10, -20, 0}, 31.25);
    mpu6050_sample sample{};
    ASSERT_TRUE(mpu6050_read(board.get(), &sample));
    EXPECT_EQ(sample.milli_g[0], 500);
    EXPECT_EQ(sample.milli_g[1], -250);
    EXPECT_EQ(sample.milli_g[2], 1000);
    EXPECT_EQ(sample.milli_degrees_per_second[0], 10'000);
    EXPECT_EQ(sample.milli_degrees_per_second[1], -20'000);
    EXPECT_NEAR(sample.centi_celsius, 3125, 1);
}

TEST_F(Sensors, Mpu6050CoversItsWholeRange) {
    ASSERT_TRUE(mpu6050_start(board.get()));
    board.motion.measure({-2, 1.9999, 0}, {-250, 249.9, 0}, 85);
    mpu6050_sample sample{};
    ASSERT_TRUE(mpu6050_read(board.get(), &sample));
    EXPECT_EQ(sample.milli_g[0], -2000);
    EXPECT_EQ(sample.milli_g[1], 1999);
    EXPECT_NEAR(sample.milli_degrees_per_second[0], -250'000, 200);
    EXPECT_NEAR(sample.milli_degrees_per_second[1], 249'900, 200);
    EXPECT_NEAR(sample.centi_celsius, 8500, 1);
}

TEST_F(Sensors, AnMpu6050ThatLostPowerIsSetUpAgain) {
    EXPECT_TRUE(take().has_motion);
    board.motion.power_on();
    EXPECT_FALSE(take().has_motion) << "it sleeps: zeros would be taken for weightlessness";
    EXPECT_TRUE(take().has_motion);
}

TEST_F(Sensors, AnotherChipAtTheAddressIsNotAnMpu6050) {
    board.motion.set_identity(0x71);
    EXPECT_FALSE(take().has_motion);
}

TEST_F(Sensors, ASilentSensorIsLeftOut) {
    board.motion.set_identity(0);
    board.adc_works = false;
    EXPECT_EQ(write(take()), R"({"n":12,"ms":61000})");
}

TEST_F(Sensors, AReadingIsJson) {
    take();
    board.motion.measure({0.012, -0.004, 1.002}, {0.1, 0, -1.5}, 31.25);
    EXPECT_EQ(write(take()), R"({"n":12,"ms":61000,"pulse":2048,"chip_c":27.13,"mpu_c":31.26,)"
                             R"("g":[0.012,-0.004,1.002],"dps":[0.099,0.000,-1.503]})");
}

TEST_F(Sensors, TheLongestReadingFits) {
    reading longest{
        .pulse = 4095, .chip_centi_celsius = -12'345, .has_pulse = true, .has_temperature = true, .has_motion = true};
    for (unsigned axis = 0; axis < 3; ++axis) {
        longest.motion.milli_g[axis] = -2000;
        longest.motion.milli_degrees_per_second[axis] = -250'000;
    }
    longest.motion.centi_celsius = -5985;
    std::string memory(READING_TEXT_MAX, '\0');
    text out{.memory = memory.data(), .capacity = memory.size(), .size = 0, .cut = false};
    reading_write(&longest, UINT32_MAX, UINT32_MAX, &out);
    EXPECT_FALSE(out.cut) << memory;
}

TEST_F(Sensors, TheChipsTemperatureIsRight) {
    for (const int celsius : {-20, 0, 27, 60, 85}) {
        EXPECT_NEAR(reading_chip_temperature(simulated_temperature(celsius)), celsius * 100, 60);
    }
}

TEST(Text, ThatDoesNotFitIsCutAndSaysSo) {
    std::array<char, 5> memory{};
    text out{.memory = memory.data(), .capacity = memory.size(), .size = 0, .cut = false};
    text_add(&out, "abc");
    EXPECT_FALSE(out.cut);
    text_add_number(&out, 45);
    EXPECT_TRUE(out.cut);
    EXPECT_STREQ(memory.data(), "abc4");
}

TEST(Text, HasDecimalsBelowAndAboveZero) {
    std::array<char, 64> memory{};
    text out{.memory = memory.data(), .capacity = memory.size(), .size = 0, .cut = false};
    text_add_decimal(&out, -5, 3);
    text_add(&out, " ");
    text_add_decimal(&out, 1002, 3);
    text_add(&out, " ");
    text_add_decimal(&out, INT32_MIN, 0);
    EXPECT_STREQ(memory.data(), "-0.005 1.002 -2147483648");
}

command parse(const char *name, const std::string& text) {
    return command_parse(name, {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()});
}

TEST(Command, IsOneNumberInItsRange) {
    EXPECT_TRUE(parse("interval", "100").valid);
    EXPECT_EQ(parse("interval", "3600000").value, 3'600'000U);
    EXPECT_TRUE(parse("identify", "60").valid);
    for (const auto *wrong :
         {"", "99", "3600001", "99999999", "4294967396", "1e3", "-100", "+100", " 100", "100 ", "0x64"}) {
        EXPECT_FALSE(parse("interval", wrong).valid) << wrong;
    }
    EXPECT_FALSE(parse("identify", "61").valid);
    EXPECT_FALSE(parse("identify", "0").valid);
    EXPECT_FALSE(parse("identify", std::string("1\0", 2)).valid);
}

TEST(Command, ThatIsUnknownIsNeverValid) {
    EXPECT_EQ(parse("reboot", "1").name, COMMAND_UNKNOWN);
    EXPECT_FALSE(parse("reboot", "1").valid);
}

TEST(Led, ShowsDistinctStates) {
    std::set<std::string> patterns;
    for (const led_pattern pattern :
         {LED_SETUP, LED_JOINING, LED_CONNECTING, LED_REFUSED, LED_FAULT, LED_ONLINE, LED_IDENTIFY}) {
        std::string shown;
        for (std::uint32_t ms = 0; ms < 2000; ms += 125) {
            shown += led_is_on(pattern, ms) ? '#' : '.';
        }
        patterns.insert(shown);
    }
    EXPECT_EQ(patterns.size(), 7U);
}

}  // namespace
}  // namespace reseal::vitals
