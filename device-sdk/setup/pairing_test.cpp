// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <random>

#include "setup/test_page.h"

namespace {

using namespace reseal::test;

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::string text_of(const reseal_pairing& code) {
    std::string text(RESEAL_PAIRING_TEXT_SIZE, '\0');
    reseal_pairing_write(&code, text.data());
    EXPECT_EQ(text.back(), '\0');
    text.pop_back();
    return text;
}

bool is_accepted(const std::string& text) {
    reseal_pairing out{};
    return reseal_pairing_read(text.c_str(), &out) == RESEAL_OK;
}

reseal_pairing random_pairing(std::mt19937& source) {
    reseal_pairing made{};
    std::generate(std::begin(made.secret), std::end(made.secret), [&] { return static_cast<std::uint8_t>(source()); });
    return made;
}

TEST(Pairing, IsWrittenInFourGroupsAndTwoCheckDigits) {
    EXPECT_EQ(text_of({}), "0000-0000-0000-0000-00");
    EXPECT_EQ(text_of({{0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}), "0000-0000-0000-0001-68");
    EXPECT_EQ(text_of({{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}}).substr(0, 20),
              "ZZZZ-ZZZZ-ZZZZ-ZZZZ-");
    EXPECT_EQ(text_of({{0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF}}).substr(0, 20),
              "0123-4567-89AB-CDEF-");
}

TEST(Pairing, IsReadBackAsWritten) {
    std::mt19937 source(1);
    for (int i = 0; i < 1000; i++) {
        const reseal_pairing code = random_pairing(source);
        reseal_pairing back{};
        ASSERT_EQ(reseal_pairing_read(text_of(code).c_str(), &back), RESEAL_OK);
        ASSERT_EQ(std::memcmp(&code, &back, sizeof code), 0);
    }
}

TEST(Pairing, IsReadInAnyCaseWithAnySeparatorsAndWithLookAlikes) {
    EXPECT_TRUE(is_accepted("000000000000000168"));
    EXPECT_TRUE(is_accepted(" oOo0-0000 0000--OOOI - 68 "));
    EXPECT_TRUE(is_accepted("0000-0000-0000-000l-68"));
    std::string lower = text_of(pairing());
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_TRUE(is_accepted(lower));
}

TEST(Pairing, AnySingleWrongCharacterIsNoticed) {
    const std::string right = text_of(pairing());
    for (std::size_t i = 0; i < right.size(); i++) {
        for (const char c : kAlphabet) {
            std::string wrong = right;
            wrong[i] = c;
            ASSERT_EQ(is_accepted(wrong), wrong == right) << wrong;
        }
    }
}

TEST(Pairing, AnyTwoWrongCharactersAreNoticed) {
    const std::string right = "000000000000000168";
    for (std::size_t i = 0; i < right.size(); i++) {
        for (std::size_t j = i + 1; j < right.size(); j++) {
            for (const char a : kAlphabet) {
                for (const char b : kAlphabet) {
                    std::string wrong = right;
                    wrong[i] = a;
                    wrong[j] = b;
                    ASSERT_EQ(is_accepted(wrong), wrong == right) << wrong;
                }
            }
        }
    }
}

TEST(Pairing, SwappedCharactersAreNoticed) {
    std::mt19937 source(2);
    for (int round = 0; round < 100; round++) {
        const std::string right = text_of(random_pairing(source));
        for (std::size_t i = 0; i + 1 < right.size(); i++) {
            std::string wrong = right;
            std::swap(wrong[i], wrong[i + 1]);
            const bool is_same = wrong[i] == right[i] || wrong[i] == '-' || right[i] == '-';
            ASSERT_EQ(is_accepted(wrong), is_same) << wrong;
        }
    }
}

TEST(Pairing, OtherLengthsAndCharactersAreRefused) {
    for (const std::string text : {"", "-", "00000000000000016", "0000000000000001688", "U000-0000-0000-0001-68",
                                   "0000_0000_0000_0001_68", "0000-0000-0000-0001-6ä"}) {
        reseal_pairing out = pairing();
        EXPECT_EQ(reseal_pairing_read(text.c_str(), &out), RESEAL_MALFORMED) << text;
        EXPECT_EQ(out.secret[0] | out.secret[9], 0) << text;
    }
}

}  // namespace
