// SPDX-License-Identifier: Apache-2.0
#include "token/key_set.h"

#include <gtest/gtest.h>

#include "token/test_issuer.h"

namespace reseal::token::test {
namespace {

std::string fault(const std::string& text) {
    const auto set = KeySet::parse(text, "jwks.json");
    return set ? "" : set.error().text();
}
std::string fault_of(const json& jwk) {
    return fault(json({{"keys", {jwk}}}).dump());
}

json with(json jwk, const json& more) {
    jwk.update(more);
    return jwk;
}

TEST(KeySet, HoldsTheKeysThatTheIssuerPublishes) {
    const auto set = KeySet::parse(jwks({elliptic(), rsa()}), "jwks.json");
    ASSERT_TRUE(set) << set.error().text();
    const std::string one = "one";
    const std::string two = "two";
    const std::string three = "three";
    ASSERT_NE(set->find(&one), nullptr);
    EXPECT_EQ(set->find(&one)->algorithm(), Algorithm::es256);
    ASSERT_NE(set->find(&two), nullptr);
    EXPECT_EQ(set->find(&two)->algorithm(), Algorithm::rs256);
    EXPECT_EQ(set->find(&three), nullptr);
    EXPECT_EQ(set->find(nullptr), nullptr) << "which of the two?";
}

TEST(KeySet, OfOneKeyNeedsNoKeyId) {
    json alone = elliptic().jwk();
    alone.erase("kid");
    const auto set = KeySet::parse(json({{"keys", {alone}}}).dump(), "jwks.json");
    ASSERT_TRUE(set) << set.error().text();
    EXPECT_NE(set->find(nullptr), nullptr);
    const std::string empty;
    EXPECT_EQ(set->find(&empty), nullptr);
}

TEST(KeySet, IgnoresKeysForOtherPurposes) {
    const json secret = {{"kty", "oct"}, {"kid", "s"}, {"k", "AAAA"}};
    const json other_curve = TestKey::p384("p").jwk();
    const json encrypts = with(rsa().jwk(), {{"use", "enc"}});
    const json other_algorithm = with(rsa().jwk(), {{"alg", "RS512"}});
    const json signs_only = with(rsa().jwk(), {{"key_ops", {"sign"}}});
    const json all = {{"keys", {secret, other_curve, encrypts, other_algorithm, signs_only, elliptic().jwk()}}};
    const auto set = KeySet::parse(all.dump(), "jwks.json");
    ASSERT_TRUE(set) << set.error().text();
    EXPECT_EQ(set->size(), 1U);
    EXPECT_EQ(fault_of(secret),
              "jwks.json: keys: none of the keys signs with ES256 or RS256; name the issuer's keys for signatures");
}

TEST(KeySet, NamesTheInvalidKey) {
    EXPECT_EQ(fault_of(with(elliptic().jwk(), {{"x", base64url(std::string(32, '\x01'))}})),
              "jwks.json: keys[0]: x and y are not a point on P-256; write 32 bytes each, in base64url");
    EXPECT_NE(fault_of(with(elliptic().jwk(), {{"x", "AA"}})).find("keys[0]"), std::string::npos);
    EXPECT_NE(fault_of(with(elliptic().jwk(), {{"y", 7}})).find("keys[0]"), std::string::npos);
    EXPECT_EQ(fault_of(with(rsa().jwk(), {{"e", "AQ"}})),
              "jwks.json: keys[0]: n and e are not a valid RSA key; use a key of 2048 to 8192 bits");
    EXPECT_NE(fault_of(TestKey::rsa("short", 1024).jwk()).find("keys[0]"), std::string::npos);
    EXPECT_NE(fault_of("text").find("keys[0]: is not a JSON object"), std::string::npos);
}

TEST(KeySet, RefusesAPrivateKey) {
    EXPECT_NE(fault_of(with(elliptic().jwk(), {{"d", "AAAA"}})).find("keys[0]: holds a private key"),
              std::string::npos);
}

TEST(KeySet, RefusesIndistinguishableKeys) {
    EXPECT_NE(fault(jwks({elliptic(), elliptic()})).find("keys[1].kid: another key has the same"), std::string::npos);
    json alone = rsa().jwk();
    alone.erase("kid");
    EXPECT_NE(fault(json({{"keys", {alone, elliptic().jwk()}}}).dump()).find("one of several keys has no kid"),
              std::string::npos);
}

TEST(KeySet, RefusesWhatIsNotAJwkSet) {
    for (const char* text : {"", "[]", "{}", R"({"keys": {}})", R"({"keys": []} x)", R"({"keys": [], "keys": []})"}) {
        EXPECT_NE(fault(text).find("this is not a JWK set"), std::string::npos) << text;
    }
}

}  // namespace
}  // namespace reseal::token::test
