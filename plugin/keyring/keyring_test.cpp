// SPDX-License-Identifier: Apache-2.0
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

TEST(Keyring, FindsTheExactKeyAndCertificateAmongSeveral) {
    PrincipalRecord principal = sample_principal("dev", 1);
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
    PrincipalRecord broker = sample_principal("broker", 1);
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
    ASSERT_TRUE(keyring.credentials(principal, principal.keys.front(), "ward-7", out));
    EXPECT_STREQ(out.principal, "dev");
    EXPECT_STREQ(out.realm, "ward-7");
    EXPECT_TRUE(keyring.opens("dev", principal.keys.front()));
    EXPECT_FALSE(keyring.opens("other", principal.keys.front()));
    EXPECT_EQ(out.algorithm, RESEAL_AES_CCM_16_128_128);
    EXPECT_EQ(out.key_id[0], 5);
    EXPECT_EQ(out.master[31], 5);
}

TEST(Keyring, UnsealsNothingForAnotherPrincipalOrAlgorithm) {
    Keyring keyring(sample_master_key());
    PrincipalRecord thief = sample_principal("thief", 1);
    thief.keys = {sample_key("victim", 2)};
    keyring.put(thief);
    PrincipalRecord weaker = sample_principal("dev", 3);
    weaker.keys.front().algorithm = RESEAL_A128GCM;
    keyring.put(weaker);
    for (const char* name : {"thief", "dev"}) {
        reseal_credentials out{};
        const Principal& principal = *keyring.find(name);
        EXPECT_FALSE(keyring.credentials(principal, principal.keys.front(), "ward-7", out)) << name;
        EXPECT_TRUE(std::all_of(std::begin(out.master), std::end(out.master), [](int byte) { return byte == 0; }));
    }
}

// Even if long names, several certificates and several keys lie side by side.
TEST(Keyring, HoldsEverythingAboutAPrincipalAsItWasPut) {
    Keyring keyring(sample_master_key());
    PrincipalRecord wanted = sample_principal(std::string(64, 'n'), 1);
    wanted.roles = {"a", "b"};
    wanted.certificates.push_back({sample_fingerprint(2), true});
    wanted.keys = {sample_key(wanted.id, 3), sample_key(wanted.id, 4)};
    wanted.keys.back().ends = 77;
    wanted.keys.back().overlap = 88;
    wanted.decommissioned = true;
    keyring.put(sample_principal("before", 8));
    keyring.put(wanted);
    keyring.put(sample_principal("behind", 9));
    const Principal& held = *keyring.find(wanted.id);
    EXPECT_EQ(held.id, wanted.id);
    EXPECT_EQ(held.roles.get(), wanted.roles);
    EXPECT_TRUE(held.decommissioned);
    ASSERT_EQ(held.certificates.size(), 2U);
    EXPECT_EQ(held.certificates[1].fingerprint, sample_fingerprint(2));
    EXPECT_TRUE(held.certificates[1].revoked);
    ASSERT_EQ(held.keys.size(), 2U);
    EXPECT_EQ(held.keys[0].secret, wanted.keys[0].secret);
    EXPECT_EQ(held.keys[1].id, sample_key_id(4));
    EXPECT_EQ(held.keys[1].ends, 77);
    EXPECT_EQ(held.keys[1].overlap, 88);
}

TEST(Keyring, KeepsAPrincipalInItsPlaceWhateverElseChanges) {
    Keyring keyring(sample_master_key());
    keyring.put(sample_principal("dev", 0));
    const Principal* const place = keyring.find("dev");
    for (int number = 1; number < 5000; ++number) {
        keyring.put(sample_principal("dev" + std::to_string(number), number));
    }
    PrincipalRecord changed = sample_principal("dev", 0);
    changed.revoked = true;
    changed.roles = {"other"};
    changed.keys.clear();
    keyring.put(changed);
    EXPECT_EQ(keyring.find("dev"), place);
    EXPECT_EQ(place->id, "dev");
    EXPECT_TRUE(place->revoked);
    EXPECT_EQ(place->roles.get(), std::vector<std::string>{"other"});
    EXPECT_TRUE(place->keys.empty());
}

TEST(Keyring, WipesTheSecretOfAKeyThatIsReplaced) {
    Keyring keyring(sample_master_key());
    keyring.put(sample_principal("dev", 1));
    const Key* const old = keyring.find_key(sample_key_id(1)).key;
    PrincipalRecord bare = sample_principal("dev", 1);
    bare.keys.clear();
    keyring.put(bare);
    EXPECT_TRUE(std::all_of(old->secret.begin(), old->secret.end(), [](int byte) { return byte == 0; }));
}

TEST(Keyring, GivesACertificateToItsLatestPrincipal) {
    Keyring keyring(sample_master_key());
    keyring.put(sample_principal("first", 1));
    keyring.put(sample_principal("second", 1));
    EXPECT_EQ(keyring.find_certificate(sample_fingerprint(1)).principal, keyring.find("second"));
    EXPECT_EQ(keyring.find_key(sample_key_id(1)).principal, keyring.find("second"));
    keyring.put(sample_principal("first", 2));
    EXPECT_EQ(keyring.find_certificate(sample_fingerprint(1)).principal, keyring.find("second"));
    EXPECT_EQ(keyring.find_key(sample_key_id(1)).principal, keyring.find("second"));
}

TEST(Keyring, CanBeFilledTableByTable) {
    Keyring keyring(sample_master_key());
    keyring.expect(2);
    PrincipalRecord row = sample_principal("a", 1);
    row.storage = true;
    keyring.begin(row);
    keyring.begin(sample_principal("b", 2));
    for (const std::uint32_t generation : {2U, 3U, 1U}) {
        Key key = sample_key("b", static_cast<int>(10 + generation));
        key.generation = generation;
        key.retired = generation == 1;
        keyring.add(1, key);
    }
    keyring.add(1, Certificate{sample_fingerprint(5), false});
    keyring.add(1, Certificate{sample_fingerprint(6), true});
    const Principal& held = *keyring.find("b");
    EXPECT_EQ(keyring.storage(), keyring.find("a"));
    EXPECT_TRUE(keyring.find("a")->keys.empty());
    ASSERT_EQ(held.keys.size(), 3U);
    EXPECT_EQ(held.keys[0].generation, 3U) << "newest first";
    EXPECT_EQ(held.keys[2].generation, 1U);
    EXPECT_EQ(keyring.find_key(sample_key_id(12)).key, &held.keys[1]);
    EXPECT_TRUE(keyring.find_certificate(sample_fingerprint(6)).certificate->revoked);
    EXPECT_EQ(keyring.count_keys().active, 2U);
    EXPECT_EQ(keyring.count_keys().retired, 1U);
}

PrincipalRecord ending(const std::string& id, int number, std::int64_t ends) {
    PrincipalRecord out = sample_principal(id, number);
    out.keys.front().ends = ends;
    return out;
}

std::vector<std::string> ended(Keyring& keyring, std::int64_t now) {
    std::vector<std::string> out;
    for (const Keyring::EndedKey& key : keyring.end_keys(now)) {
        EXPECT_EQ(keyring.find_key(key.id).key, nullptr);
        out.emplace_back(key.principal->id);
    }
    return out;
}

TEST(Keyring, EndsKeysInOrderOfTheirEndTimes) {
    using Names = std::vector<std::string>;
    Keyring keyring(sample_master_key());
    keyring.put(ending("third", 1, 300));
    keyring.put(ending("first", 2, 100));
    keyring.put(sample_principal("never", 3));
    keyring.put(ending("second", 4, 200));
    EXPECT_EQ(ended(keyring, 99), Names{});
    EXPECT_EQ(ended(keyring, 100), Names{"first"});
    EXPECT_EQ(ended(keyring, 1000), (Names{"second", "third"}));
    EXPECT_EQ(ended(keyring, 2000), Names{});
    EXPECT_EQ(keyring.count_keys().active, 1U);
}

TEST(Keyring, EndsAKeyAtItsLatestEndTime) {
    using Names = std::vector<std::string>;
    Keyring keyring(sample_master_key());
    keyring.put(ending("later", 1, 100));
    keyring.put(ending("later", 1, 500));
    keyring.put(ending("never", 2, 100));
    keyring.put(sample_principal("never", 2));
    EXPECT_EQ(ended(keyring, 499), Names{});
    EXPECT_EQ(ended(keyring, 500), Names{"later"});
    EXPECT_NE(keyring.find_key(sample_key_id(2)).key, nullptr);
}

TEST(Keyring, EndsOlderGenerationsAtATimeButNeverPostponesAnEnd) {
    Keyring keyring(sample_master_key());
    PrincipalRecord several = sample_principal("dev", 1);
    several.keys.clear();
    for (const std::uint32_t generation : {4U, 3U, 2U, 1U}) {
        Key& key = several.keys.emplace_back(sample_key("dev", static_cast<int>(generation)));
        key.generation = generation;
        key.ends = generation == 2 ? 50 : 0;
        key.retired = generation == 1;
    }
    keyring.put(several);
    keyring.end_older("dev", 4, 200);
    keyring.end_older("unknown", 4, 200);
    EXPECT_EQ(ended(keyring, 50).size(), 1U);
    EXPECT_EQ(keyring.find_key(sample_key_id(2)).key, nullptr);
    EXPECT_EQ(ended(keyring, 200).size(), 1U);
    EXPECT_EQ(keyring.find_key(sample_key_id(3)).key, nullptr);
    EXPECT_NE(keyring.find_key(sample_key_id(4)).key, nullptr);
    EXPECT_NE(keyring.find_key(sample_key_id(1)).key, nullptr) << "retired: it ends by itself no more";
}

}  // namespace
}  // namespace reseal::keyring
