// SPDX-License-Identifier: Apache-2.0
#include <reseal/psk.h>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

constexpr std::array<std::uint8_t, RESEAL_PSK_SIZE> expected = {
    0x79, 0x8b, 0x0d, 0x83, 0x04, 0x65, 0xff, 0x2a, 0xcb, 0xbf, 0xc9, 0x71, 0xee, 0x5a, 0xed, 0x6f,
    0x19, 0x0f, 0xb0, 0x1f, 0x15, 0x42, 0x5c, 0xd5, 0xeb, 0xc9, 0x25, 0xb7, 0x9e, 0xb8, 0x9e, 0x39};

reseal_credentials plain_credentials() {
    reseal_credentials made = credentials();
    std::fill(std::begin(made.principal), std::end(made.principal), '\0');
    std::copy_n("pico1", 5, made.principal);
    for (std::uint8_t i = 0; i < RESEAL_KEY_ID_SIZE; i++) {
        made.key_id[i] = static_cast<std::uint8_t>(i + 1);
    }
    for (std::uint8_t i = 0; i < RESEAL_MASTER_SIZE; i++) {
        made.master[i] = i;
    }
    return made;
}

// Computed with Python's hmac from docs/protocol.md.
TEST(Psk, IsDerivedFromTheMasterSecret) {
    const reseal_credentials made = plain_credentials();
    for (const reseal_crypto *crypto : {reseal_crypto_openssl(), reseal_crypto_mbedtls()}) {
        reseal_psk psk{};
        ASSERT_EQ(reseal_psk_derive(crypto, &made, &psk), RESEAL_OK);
        EXPECT_STREQ(psk.identity, "pico1/01020304050607");
        EXPECT_TRUE(std::equal(std::begin(psk.key), std::end(psk.key), expected.begin()));
    }
}

TEST(Psk, HasRoomForTheLongestPrincipal) {
    reseal_credentials made = plain_credentials();
    std::fill_n(made.principal, RESEAL_PRINCIPAL_MAX, 'p');
    reseal_psk psk{};
    ASSERT_EQ(reseal_psk_derive(reseal_crypto_openssl(), &made, &psk), RESEAL_OK);
    EXPECT_EQ(std::string(psk.identity), std::string(RESEAL_PRINCIPAL_MAX, 'p') + "/01020304050607");
}

TEST(Psk, IsNotDerivedFromInvalidCredentials) {
    reseal_credentials made = plain_credentials();
    made.principal[0] = '\0';
    reseal_psk psk{};
    psk.key[0] = 1;
    EXPECT_EQ(reseal_psk_derive(reseal_crypto_openssl(), &made, &psk), RESEAL_BAD_CREDENTIALS);
    EXPECT_EQ(psk.key[0], 0);
    EXPECT_EQ(reseal_psk_derive(nullptr, &made, &psk), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_psk_derive(reseal_crypto_openssl(), nullptr, &psk), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_psk_derive(reseal_crypto_openssl(), &made, nullptr), RESEAL_BAD_ARGUMENT);
}

}  // namespace
}  // namespace reseal::test
