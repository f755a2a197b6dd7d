#include "keyring/keyring.h"

#include <gtest/gtest.h>

#include "keyring/sample_principal.h"

namespace reseal::keyring {
namespace {

void expect_found(const Keyring& keyring, int number) {
    const Principal* principal = keyring.find("dev" + std::to_string(number));
    ASSERT_NE(principal, nullptr);
    const auto by_certificate = keyring.find_certificate(sample_fingerprint(number));
    EXPECT_EQ(by_certificate.principal, principal);
    EXPECT_EQ(by_certificate.certificate, principal->certificates.data());
    const auto by_key = keyring.find_key(sample_key_id(number));
    EXPECT_EQ(by_key.principal, principal);
    EXPECT_EQ(by_key.key, principal->keys.data());
}

TEST(Keyring, FindsAPrincipalByNameCertificateAndKeyId) {
    Keyring keyring(sample_master_key());
    for (int number = 0; number < 100; ++number) {
        keyring.put(sample_principal("dev" + std::to_string(number), number));
    }
    EXPECT_EQ(keyring.size(), 100U);
    for (int number = 0; number < 100; ++number) {
        expect_found(keyring, number);
    }
    EXPECT_EQ(keyring.find("dev100"), nullptr);
    EXPECT_EQ(keyring.find_certificate(sample_fingerprint(100)).principal, nullptr);
    EXPECT_EQ(keyring.find_key(sample_key_id(100)).key, nullptr);
}

TEST(Keyring, AnswersWithTheVeryKeyAndCertificateOfSeveral) {
    Principal principal = sample_principal("dev", 1);
    principal.keys.push_back(sample_key("dev", 2));
    principal.certificates.push_back({sample_fingerprint(2), true});
    Keyring keyring(sample_master_key());
    keyring.put(principal);
    EXPECT_EQ(keyring.find_key(sample_key_id(2)).key->id, sample_key_id(2));
    EXPECT_TRUE(keyring.find_certificate(sample_fingerprint(2)).certificate->revoked);
    EXPECT_FALSE(keyring.find_certificate(sample_fingerprint(1)).certificate->revoked);
}

TEST(Keyring, ReplacesAPrincipalAndForgetsItsOldKeysAndCertificates) {
    Keyring keyring(sample_master_key());
    keyring.put(sample_principal("dev", 1));
    keyring.put(sample_principal("other", 3));
    keyring.put(sample_principal("dev", 2));
    EXPECT_EQ(keyring.size(), 2U);
    EXPECT_EQ(keyring.find_key(sample_key_id(1)).key, nullptr);
    EXPECT_EQ(keyring.find_certificate(sample_fingerprint(1)).certificate, nullptr);
    EXPECT_EQ(keyring.find_key(sample_key_id(2)).principal, keyring.find("dev"));
    EXPECT_EQ(keyring.find_key(sample_key_id(3)).principal, keyring.find("other"));
}

TEST(Keyring, KnowsTheStoragePrincipalUntilItIsReplaced) {
    Keyring keyring(sample_master_key());
    EXPECT_EQ(keyring.storage(), nullptr);
    Principal broker = sample_principal("broker", 1);
    broker.storage = true;
    keyring.put(broker);
    keyring.put(sample_principal("dev", 2));
    EXPECT_EQ(keyring.storage(), keyring.find("broker"));
    keyring.put(sample_principal("broker", 1));
    EXPECT_EQ(keyring.storage(), nullptr);
}

TEST(Keyring, UnsealsCredentials) {
    Keyring keyring(sample_master_key());
    keyring.put(sample_principal("dev", 5));
    const Principal& principal = *keyring.find("dev");
    reseal_credentials out{};
    ASSERT_TRUE(keyring.credentials(principal, principal.keys.front(), out));
    EXPECT_STREQ(out.principal, "dev");
    EXPECT_EQ(out.algorithm, RESEAL_AES_CCM_16_128_128);
    EXPECT_EQ(out.key_id[0], 5);
    EXPECT_EQ(out.master[31], 5);
}

TEST(Keyring, UnsealsNothingForAnotherPrincipalOrAlgorithm) {
    Keyring keyring(sample_master_key());
    Principal thief = sample_principal("thief", 1);
    thief.keys = {sample_key("victim", 2)};
    keyring.put(thief);
    Principal weaker = sample_principal("dev", 3);
    weaker.keys.front().algorithm = RESEAL_A128GCM;
    keyring.put(weaker);
    for (const char* name : {"thief", "dev"}) {
        reseal_credentials out{};
        const Principal& principal = *keyring.find(name);
        EXPECT_FALSE(keyring.credentials(principal, principal.keys.front(), out)) << name;
        EXPECT_TRUE(std::all_of(std::begin(out.master), std::end(out.master), [](int byte) { return byte == 0; }));
    }
}

}  // namespace
}  // namespace reseal::keyring
