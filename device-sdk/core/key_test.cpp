// SPDX-License-Identifier: Apache-2.0
#include <reseal/key.h>

#include <cctype>
#include <set>

#include <gtest/gtest.h>

#include "core/derivation.h"
#include "core/test_support.h"

namespace reseal::test {
namespace {

reseal_credentials named(const std::string& name) {
    reseal_credentials made = credentials();
    std::fill(std::begin(made.principal), std::end(made.principal), 'x');
    std::copy_n(name.c_str(), std::min(name.size() + 1, sizeof made.principal), made.principal);
    return made;
}

reseal_credentials of_realm(const std::string& realm) {
    reseal_credentials made = credentials();
    std::fill(std::begin(made.realm), std::end(made.realm), 'x');
    std::copy_n(realm.c_str(), std::min(realm.size() + 1, sizeof made.realm), made.realm);
    return made;
}

reseal_status check(const reseal_credentials& made) {
    return reseal_credentials_check(&made);
}

TEST(Credentials, AreAcceptedWithANameOf1To64AllowedCharacters) {
    EXPECT_EQ(check(named("a")), RESEAL_OK);
    EXPECT_EQ(check(named("AZaz09._-")), RESEAL_OK);
    EXPECT_EQ(check(named(std::string(64, 'a'))), RESEAL_OK);
    EXPECT_EQ(check(of_realm(std::string(64, 'a'))), RESEAL_OK);
}

TEST(Credentials, AreRefusedWithAnyOtherName) {
    EXPECT_EQ(check(named("")), RESEAL_BAD_CREDENTIALS);
    EXPECT_EQ(check(named(std::string(65, 'a'))), RESEAL_BAD_CREDENTIALS);
    EXPECT_EQ(check(of_realm("")), RESEAL_BAD_CREDENTIALS);
    EXPECT_EQ(check(of_realm(std::string(65, 'a'))), RESEAL_BAD_CREDENTIALS);
    EXPECT_EQ(check(of_realm("ward 7")), RESEAL_BAD_CREDENTIALS);
    for (int c = 1; c < 256; c++) {
        const char letter = static_cast<char>(c);
        const bool allowed = c < 128 && ((std::isalnum(c) != 0) || letter == '.' || letter == '_' || letter == '-');
        EXPECT_EQ(check(named(std::string("a") + letter)), allowed ? RESEAL_OK : RESEAL_BAD_CREDENTIALS) << c;
    }
}

TEST(Credentials, AreRefusedWithAnUnknownAlgorithm) {
    std::set<int> accepted;
    for (int algorithm = 0; algorithm < 256; algorithm++) {
        if (check(credentials(algorithm)) == RESEAL_OK) {
            accepted.insert(algorithm);
        }
    }
    EXPECT_EQ(accepted, (std::set<int>{1, 3, 24, 30, 31}));
}

TEST(Algorithm, HasSizesAndANameOrNeither) {
    for (int algorithm = -1; algorithm < 300; algorithm++) {
        const reseal_sizes sizes = reseal_algorithm_sizes(algorithm);
        const bool known = reseal_algorithm_name(algorithm) != nullptr;
        EXPECT_EQ(sizes.key != 0, known) << algorithm;
        EXPECT_EQ(sizes.nonce != 0, known) << algorithm;
        EXPECT_EQ(reseal_plaintext_max(algorithm) != 0, known) << algorithm;
    }
}

TEST(Algorithm, HasTheNameAndLimitOfItsStandard) {
    EXPECT_STREQ(reseal_algorithm_name(30), "AES-CCM-16-128-128");
    EXPECT_EQ(reseal_plaintext_max(30), 65535U);
    EXPECT_EQ(reseal_plaintext_max(3), (1U << 24) - 1);
}

TEST(Epoch, DiffersByNumberAndByEveryByteOfItsSalt) {
    const reseal_epoch epoch{7, {1, 2, 3, 4}};
    EXPECT_TRUE(reseal_epoch_equal(&epoch, &epoch));
    const reseal_epoch other_number{8, {1, 2, 3, 4}};
    EXPECT_FALSE(reseal_epoch_equal(&epoch, &other_number));
    for (std::size_t i = 0; i < RESEAL_SALT_SIZE; i++) {
        reseal_epoch other_salt = epoch;
        other_salt.salt[i] ^= 1;
        EXPECT_FALSE(reseal_epoch_equal(&epoch, &other_salt)) << "byte " << i;
    }
}

// Testing the base IV covers the key too: they differ only in the type input.
std::string base_iv(const reseal_crypto *crypto, const reseal_credentials& of, reseal_direction direction,
                    const reseal_epoch& epoch) {
    EpochKeys keys(crypto, of, direction, epoch, RESEAL_USE_SEAL);
    EXPECT_EQ(keys.status(), RESEAL_OK);
    return {keys.get()->base_iv, keys.get()->base_iv + reseal_algorithm_sizes(of.algorithm).nonce};
}

TEST(EpochKeys, DependOnEverythingTheyAreDerivedFrom) {
    const reseal_credentials of = credentials();
    reseal_credentials other_id = of;
    other_id.key_id[6] ^= 1;
    reseal_credentials other_master = of;
    other_master.master[31] ^= 1;
    const reseal_epoch epoch{7, {1, 2, 3, 4}};
    for (const reseal_crypto *crypto : backends()) {
        const std::set<std::string> different{
            base_iv(crypto, of, RESEAL_UPLINK, epoch),
            base_iv(crypto, of, RESEAL_DOWNLINK, epoch),
            base_iv(crypto, other_id, RESEAL_UPLINK, epoch),
            base_iv(crypto, other_master, RESEAL_UPLINK, epoch),
            base_iv(crypto, of_realm("ward-8"), RESEAL_UPLINK, epoch),
            base_iv(crypto, of_realm("ward-70"), RESEAL_UPLINK, epoch),
            base_iv(crypto, credentials(31), RESEAL_UPLINK, epoch),
            base_iv(crypto, of, RESEAL_UPLINK, {8, {1, 2, 3, 4}}),
            base_iv(crypto, of, RESEAL_UPLINK, {7, {1, 2, 3, 5}}),
        };
        EXPECT_EQ(different.size(), 9U) << crypto->name;
    }
}

TEST(EpochKeys, AreLeftZeroedWhenTheAlgorithmIsUnknown) {
    reseal_epoch_keys keys{};
    const reseal_epoch epoch{1, {}};
    const reseal_credentials of = credentials(10);
    EXPECT_EQ(reseal_epoch_keys_derive(reseal_crypto_openssl(), &of, RESEAL_UPLINK, &epoch, RESEAL_USE_SEAL, &keys),
              RESEAL_WRONG_ALGORITHM);
    EXPECT_EQ(keys.aead.crypto, nullptr);
}

TEST(EpochKeys, AreLeftZeroedWhenTheLibraryFails) {
    reseal_crypto broken = *reseal_crypto_openssl();
    broken.init = [](reseal_aead *, reseal_algorithm, reseal_use, const std::uint8_t *) {
        return RESEAL_CRYPTO_FAILED;
    };
    reseal_epoch_keys keys{};
    const reseal_epoch epoch{1, {}};
    const reseal_credentials of = credentials();
    EXPECT_EQ(reseal_epoch_keys_derive(&broken, &of, RESEAL_UPLINK, &epoch, RESEAL_USE_SEAL, &keys),
              RESEAL_CRYPTO_FAILED);
    EXPECT_TRUE(all_zero(Bytes(std::begin(keys.base_iv), std::end(keys.base_iv))));
}

TEST(EpochKeys, MayBeWipedTwice) {
    EpochKeys keys(reseal_crypto_openssl(), credentials(), RESEAL_UPLINK, {1, {}}, RESEAL_USE_SEAL);
    reseal_epoch_keys_wipe(keys.get());
    EXPECT_EQ(keys.get()->aead.crypto, nullptr);
    reseal_epoch_keys_wipe(keys.get());
}

TEST(Nonce, DiffersForEveryCounterInItsLastBytesOnly) {
    EpochKeys keys(reseal_crypto_openssl(), credentials(), RESEAL_UPLINK, {1, {}}, RESEAL_USE_SEAL);
    std::array<std::uint8_t, RESEAL_NONCE_SIZE_MAX> nonce{};
    reseal_nonce_write(nonce.data(), keys.get(), 0x0A0B0C);
    const std::uint8_t *iv = keys.get()->base_iv;
    EXPECT_TRUE(std::equal(nonce.begin(), nonce.begin() + 10, iv));
    EXPECT_EQ(nonce[10], iv[10] ^ 0x0A);
    EXPECT_EQ(nonce[11], iv[11] ^ 0x0B);
    EXPECT_EQ(nonce[12], iv[12] ^ 0x0C);
}

}  // namespace
}  // namespace reseal::test
