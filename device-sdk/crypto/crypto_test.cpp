// SPDX-License-Identifier: Apache-2.0
// What crypto.h promises, for each adapter and each algorithm.
#include <reseal/crypto.h>

#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

class Hkdf : public testing::TestWithParam<const reseal_crypto *> {};

// RFC 5869, appendix A.1; the first 32 of its 42 bytes, since a longer output starts with the shorter one.
TEST_P(Hkdf, GivesTheBytesOfRfc5869) {
    const Bytes secret(22, 0x0B);
    const Bytes salt{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const Bytes info{0xF0, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8, 0xF9};
    const Bytes expected{0x3C, 0xB2, 0x5F, 0x25, 0xFA, 0xAC, 0xD5, 0x7A, 0x90, 0x43, 0x4F,
                         0x64, 0xD0, 0x36, 0x2F, 0x2A, 0x2D, 0x2D, 0x0A, 0x90, 0xCF, 0x1A,
                         0x5A, 0x4C, 0x5D, 0xB0, 0x2D, 0x56, 0xEC, 0xC4, 0xC5, 0xBF};
    for (std::size_t size = 1; size <= 32; size++) {
        Bytes out(size);
        ASSERT_EQ(GetParam()->hkdf_sha256(view(salt), view(secret), view(info), out.data(), size), RESEAL_OK);
        EXPECT_TRUE(std::equal(out.begin(), out.end(), expected.begin())) << size;
    }
}

TEST_P(Hkdf, WipesTheOutputWhenItFails) {
    constexpr std::size_t kTooMuch = 255 * 32 + 1;
    Bytes out(kTooMuch, 0xAA);
    const Bytes input(32, 1);
    EXPECT_EQ(GetParam()->hkdf_sha256(view(input), view(input), view(input), out.data(), out.size()),
              RESEAL_CRYPTO_FAILED);
    EXPECT_TRUE(all_zero(out));
}

TEST_P(Hkdf, MayBeFirstUsedBySeveralThreadsAtOnce) {
    if (GetParam() == reseal_crypto_psa()) {
        GTEST_SKIP() << "PSA Crypto is for one thread, unless mbedTLS has MBEDTLS_THREADING_C";
    }
    std::array<Bytes, 8> results;
    std::vector<std::thread> threads;
    const Bytes input(32, 1);
    for (Bytes& out : results) {
        out.resize(32);
        threads.emplace_back([&out, &input, crypto = GetParam()] {
            EXPECT_EQ(crypto->hkdf_sha256(view(input), view(input), view(input), out.data(), out.size()), RESEAL_OK);
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const Bytes& out : results) {
        EXPECT_EQ(out, results.front());
    }
}

INSTANTIATE_TEST_SUITE_P(AllBackends, Hkdf, testing::ValuesIn(backends()),
                         [](const auto& each) { return std::string(each.param->name); });

// A key that wipes itself.
class Key {
  public:
    Key(const reseal_crypto *crypto, int algorithm, reseal_use use) : crypto_(crypto) {
        const Bytes key = pattern(32);
        EXPECT_EQ(crypto->init(&aead_, static_cast<reseal_algorithm>(algorithm), use, key.data()), RESEAL_OK);
    }
    ~Key() { crypto_->wipe(&aead_); }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    Key(Key&&) = delete;
    Key& operator=(Key&&) = delete;

    Bytes seal(const Bytes& nonce, const Bytes& aad, const Bytes& plaintext) {
        Bytes out(plaintext.size() + RESEAL_TAG_SIZE, 0xAA);
        status = crypto_->seal(&aead_, nonce.data(), view(aad), view(plaintext), out.data());
        return out;
    }

    Bytes open(const Bytes& nonce, const Bytes& aad, const Bytes& sealed) {
        Bytes out(sealed.size() - RESEAL_TAG_SIZE, 0xAA);
        status = crypto_->open(&aead_, nonce.data(), view(aad), view(sealed), out.data());
        return out;
    }

    reseal_status status = RESEAL_OK;

  private:
    const reseal_crypto *crypto_;
    reseal_aead aead_{};
};

class Aead : public testing::TestWithParam<std::tuple<const reseal_crypto *, int>> {
  protected:
    const reseal_crypto *crypto = std::get<0>(GetParam());
    const int algorithm = std::get<1>(GetParam());
    const reseal_sizes sizes = reseal_algorithm_sizes(algorithm);
    const bool is_ccm = sizes.nonce == 13;

    [[nodiscard]] Bytes nonce(std::size_t number) const {
        Bytes made(sizes.nonce);
        made[0] = static_cast<std::uint8_t>(number);
        made[1] = static_cast<std::uint8_t>(number >> 8);
        return made;
    }

    static void expect_refused(Key& opener, const Bytes& with_nonce, const Bytes& aad, const Bytes& sealed) {
        EXPECT_TRUE(all_zero(opener.open(with_nonce, aad, sealed)));
        EXPECT_EQ(opener.status, RESEAL_BAD_TAG) << "ciphertext of " << sealed.size() - RESEAL_TAG_SIZE;
    }

    void expect_taken(const Bytes& aad) const {
        Key sealer(crypto, algorithm, RESEAL_USE_SEAL);
        Key opener(crypto, algorithm, RESEAL_USE_OPEN);
        const Bytes sealed = sealer.seal(nonce(1), aad, {1, 2, 3});
        EXPECT_EQ(sealer.status, RESEAL_OK);
        EXPECT_EQ(opener.open(nonce(1), aad, sealed), (Bytes{1, 2, 3}));
    }

    void expect_too_long(const Bytes& aad) const {
        Key sealer(crypto, algorithm, RESEAL_USE_SEAL);
        Key opener(crypto, algorithm, RESEAL_USE_OPEN);
        const Bytes untouched = sealer.seal(nonce(1), aad, {1, 2, 3});
        EXPECT_EQ(sealer.status, RESEAL_TOO_LONG);
        EXPECT_EQ(untouched, Bytes(untouched.size(), 0xAA));
        EXPECT_TRUE(all_zero(opener.open(nonce(1), aad, untouched)));
        EXPECT_EQ(opener.status, RESEAL_CRYPTO_FAILED);
    }
};

TEST_P(Aead, OpensWhatEitherAdapterSealedUnderOneKey) {
    for (const reseal_crypto *other : backends()) {
        Key sealer(other, algorithm, RESEAL_USE_SEAL);
        Key opener(crypto, algorithm, RESEAL_USE_OPEN);
        for (std::size_t size = 0; size < 300; size++) {
            const Bytes aad = pattern(300 - size);
            const Bytes sealed = sealer.seal(nonce(size), aad, pattern(size));
            ASSERT_EQ(opener.open(nonce(size), aad, sealed), pattern(size));
            ASSERT_EQ(std::pair(sealer.status, opener.status), std::pair(RESEAL_OK, RESEAL_OK)) << size;
        }
    }
}

TEST_P(Aead, AcceptsTheLongestPlaintextAndNoneLonger) {
    Key sealer(crypto, algorithm, RESEAL_USE_SEAL);
    Key opener(crypto, algorithm, RESEAL_USE_OPEN);
    const Bytes longest = pattern(reseal_plaintext_max(algorithm));
    const Bytes sealed = sealer.seal(nonce(1), {1}, longest);
    ASSERT_EQ(sealer.status, RESEAL_OK);
    EXPECT_EQ(opener.open(nonce(1), {1}, sealed), longest);

    const Bytes untouched = sealer.seal(nonce(2), {1}, Bytes(reseal_plaintext_max(algorithm) + 1));
    EXPECT_EQ(sealer.status, RESEAL_TOO_LONG);
    EXPECT_EQ(untouched, Bytes(untouched.size(), 0xAA));
    const Bytes wiped = opener.open(nonce(2), {1}, Bytes(reseal_plaintext_max(algorithm) + 1 + RESEAL_TAG_SIZE));
    EXPECT_EQ(opener.status, RESEAL_CRYPTO_FAILED);
    EXPECT_TRUE(all_zero(wiped));
}

TEST_P(Aead, RefusesEveryChangeAndStillOpensTheOriginal) {
    Key sealer(crypto, algorithm, RESEAL_USE_SEAL);
    Key opener(crypto, algorithm, RESEAL_USE_OPEN);
    for (const std::size_t size : {0U, 1U, 16U, 33U}) {
        const Bytes sealed = sealer.seal(nonce(size), {1, 2}, pattern(size));
        for (std::size_t bit = 0; bit < sealed.size() * 8; bit++) {
            Bytes changed = sealed;
            changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
            expect_refused(opener, nonce(size), {1, 2}, changed);
        }
        expect_refused(opener, nonce(size), {1, 3}, sealed);
        expect_refused(opener, nonce(size), {1}, sealed);
        expect_refused(opener, nonce(size), {}, sealed);
        expect_refused(opener, nonce(size + 1), {1, 2}, sealed);
        EXPECT_EQ(opener.open(nonce(size), {1, 2}, sealed), pattern(size));
        EXPECT_EQ(opener.status, RESEAL_OK);
    }
}

TEST_P(Aead, Accepts65560BytesOfAdditionalDataOrSaysThatItCannot) {
    const bool limited = is_mbedtls(crypto) && is_ccm;
    for (const std::size_t size : {0xFEFFU, 0xFF00U, 0xFF01U, 65560U}) {
        SCOPED_TRACE(size);
        if (limited && size >= 0xFF00) {
            expect_too_long(pattern(size));
        } else {
            expect_taken(pattern(size));
        }
    }
}

TEST_P(Aead, EitherSealsOrOpens) {
    Key sealer(crypto, algorithm, RESEAL_USE_SEAL);
    Key opener(crypto, algorithm, RESEAL_USE_OPEN);
    const Bytes sealed = sealer.seal(nonce(1), {1}, {1, 2, 3});
    EXPECT_TRUE(all_zero(sealer.open(nonce(1), {1}, sealed)));
    EXPECT_EQ(sealer.status, RESEAL_CRYPTO_FAILED);
    EXPECT_TRUE(all_zero(opener.seal(nonce(1), {1}, {1, 2, 3})));
    EXPECT_EQ(opener.status, RESEAL_CRYPTO_FAILED);
}

TEST_P(Aead, IsZeroedWhenWipedEvenTwiceOrUnused) {
    reseal_aead aead{};
    crypto->wipe(&aead);
    const Bytes key = pattern(32);
    ASSERT_EQ(crypto->init(&aead, static_cast<reseal_algorithm>(algorithm), RESEAL_USE_SEAL, key.data()), RESEAL_OK);
    EXPECT_EQ(aead.crypto, crypto);
    EXPECT_EQ(aead.algorithm, algorithm);
    crypto->wipe(&aead);
    const auto *raw = reinterpret_cast<const std::uint8_t *>(&aead);
    EXPECT_TRUE(all_zero(Bytes(raw, raw + sizeof aead)));
    crypto->wipe(&aead);
}

INSTANTIATE_TEST_SUITE_P(AllBackends, Aead,
                         testing::Combine(testing::ValuesIn(backends()), testing::ValuesIn(kAlgorithms)));

TEST(AeadInit, RefusesAnAlgorithmOutsideTheProtocol) {
    const Bytes key = pattern(32);
    for (const reseal_crypto *crypto : backends()) {
        for (const int algorithm : {0, 2, 10, 32, 255, 100000}) {
            reseal_aead aead{};
            EXPECT_EQ(crypto->init(&aead, static_cast<reseal_algorithm>(algorithm), RESEAL_USE_SEAL, key.data()),
                      RESEAL_WRONG_ALGORITHM)
                << crypto->name << ' ' << algorithm;
            EXPECT_EQ(aead.crypto, nullptr);
        }
    }
}

}  // namespace
}  // namespace reseal::test
