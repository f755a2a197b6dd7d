// SPDX-License-Identifier: Apache-2.0
// A broker reads OpenSSL's error queue after each TLS call: an error that we leave there would close a connection.
#include <openssl/err.h>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

class ErrorQueue : public testing::TestWithParam<int> {
  protected:
    const reseal_crypto *crypto = reseal_crypto_openssl();
    reseal_aead aead{};
    Bytes sealed = Bytes(20);

    void open_a_forged_message() {
        const Bytes key = pattern(32);
        ASSERT_EQ(crypto->init(&aead, static_cast<reseal_algorithm>(GetParam()), RESEAL_USE_OPEN, key.data()),
                  RESEAL_OK);
        const Bytes nonce(RESEAL_NONCE_SIZE_MAX);
        Bytes out(4);
        EXPECT_EQ(crypto->open(&aead, nonce.data(), view("aad"), view(sealed), out.data()), RESEAL_BAD_TAG);
        crypto->wipe(&aead);
    }
};

TEST_P(ErrorQueue, IsEmptyAfterARefusedMessage) {
    ERR_clear_error();
    open_a_forged_message();
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_P(ErrorQueue, KeepsTheErrorsOfOthers) {
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, 7);
    open_a_forged_message();
    EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 7);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST_P(ErrorQueue, IsUnchangedAfterAValidMessage) {
    const Bytes key = pattern(32);
    const Bytes nonce(RESEAL_NONCE_SIZE_MAX);
    ASSERT_EQ(crypto->init(&aead, static_cast<reseal_algorithm>(GetParam()), RESEAL_USE_SEAL, key.data()), RESEAL_OK);
    ERR_clear_error();
    EXPECT_EQ(crypto->seal(&aead, nonce.data(), view("aad"), view("text"), sealed.data()), RESEAL_OK);
    EXPECT_EQ(ERR_peek_error(), 0U);
    ERR_raise(ERR_LIB_USER, 7);
    ASSERT_EQ(ERR_set_mark(), 1) << "of another, who will come back to it";
    EXPECT_EQ(crypto->seal(&aead, nonce.data(), view("aad"), view("text"), sealed.data()), RESEAL_OK);
    ERR_raise(ERR_LIB_USER, 8);
    EXPECT_EQ(ERR_pop_to_mark(), 1);
    EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 7);
    EXPECT_EQ(ERR_peek_error(), 0U);
    crypto->wipe(&aead);
}

INSTANTIATE_TEST_SUITE_P(AllAlgorithms, ErrorQueue, testing::ValuesIn(kAlgorithms));

TEST(ErrorQueueOfHkdf, IsEmptyAfterAFailure) {
    ERR_clear_error();
    Bytes out(255 * 32 + 1);
    EXPECT_EQ(reseal_crypto_openssl()->hkdf_sha256(view("a"), view("b"), view("c"), out.data(), out.size()),
              RESEAL_CRYPTO_FAILED);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace reseal::test
