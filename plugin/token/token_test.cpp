// SPDX-License-Identifier: Apache-2.0
#include "token/token.h"

#include <gtest/gtest.h>

#include <openssl/err.h>
#include <openssl/hmac.h>

#include "token/test_issuer.h"

namespace reseal::token::test {
namespace {

constexpr UnixTime now = 1'800'000'000;
const std::string certificate(32, '\x2a');

const KeySet& keys() {
    static const KeySet set = *KeySet::parse(jwks({elliptic(), rsa()}), "jwks.json");
    return set;
}

Rules rules() {
    return {.issuer = "https://login.example",
            .audience = "reseal",
            .subject = "",
            .scopes = {{"ward:read", {"dashboard", "display"}}, {"ward:command", {"clinician", "display"}}},
            .leeway = 30};
}

json claims() {
    return {{"iss", "https://login.example"},
            {"aud", "reseal"},
            {"exp", now + 60},
            {"nbf", now - 60},
            {"scope", "ward:read"},
            {"sub", "tablet"},
            {"jti", "id-1"},
            {"cnf", {{"x5t#S256", base64url(certificate)}}}};
}
json with(const json& more) {
    json out = claims();
    out.update(more);
    return out;
}
json without(const char* name) {
    json out = claims();
    out.erase(name);
    return out;
}

Verdict judged(const std::string& token, UnixTime at = now, const std::string& hash = certificate,
               const Rules& by = rules(), const KeySet& under = keys()) {
    const Bearer bearer{.certificate = {reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size()},
                        .principal = "tablet"};
    return check(token, by, under, bearer, at);
}
// The name of the refusal, so that a failing test says which one came.
std::string refusal(const std::string& token, UnixTime at = now) {
    return std::string(name_of(judged(token, at).refusal));
}
std::string refusal(const json& changed, UnixTime at = now) {
    return refusal(elliptic().token(changed), at);
}

TEST(Token, FromTheIssuerGivesTheRolesOfItsScopesUntilItExpires) {
    for (const TestKey& key : {elliptic(), rsa()}) {
        const Verdict verdict = judged(key.token(claims()));
        EXPECT_EQ(verdict.refusal, Refusal::none) << key.algorithm() << " " << name_of(verdict.refusal);
        EXPECT_EQ(verdict.grant.roles, (std::vector<std::string>{"dashboard", "display"}));
        EXPECT_EQ(verdict.grant.ends, now + 60);
        EXPECT_EQ(verdict.grant.id, "id-1");
    }
}

TEST(Token, GivesTheRolesOfAllItsScopesOnceAndNoneForUnknownOnes) {
    const auto roles = [](const json& scope) { return judged(elliptic().token(with({{"scope", scope}}))).grant.roles; };
    EXPECT_EQ(roles("ward:command other ward:read"), (std::vector<std::string>{"clinician", "dashboard", "display"}));
    EXPECT_TRUE(roles("ward ward:read:all WARD:READ").empty());
    EXPECT_TRUE(roles("").empty());
    EXPECT_TRUE(judged(elliptic().token(without("scope"))).grant.roles.empty());
}

TEST(Token, NotSignedByTheKeyThatItNamesIsRefused) {
    const TestKey stranger = TestKey::p256("one");
    EXPECT_EQ(refusal(stranger.token(claims())), "token_signature");
    EXPECT_EQ(refusal(elliptic().token(claims(), {{"kid", "two"}})), "token_signature");
    const std::string good = elliptic().token(claims());
    const std::string other = elliptic().token(with({{"scope", "ward:command"}}));
    EXPECT_EQ(refusal(other.substr(0, other.rfind('.')) + good.substr(good.rfind('.'))), "token_signature");
    EXPECT_EQ(refusal(good.substr(0, good.rfind('.') + 1)), "token_signature");
}

TEST(Token, UnderAKeyThatTheSetDoesNotHoldIsRefused) {
    EXPECT_EQ(refusal(elliptic().token(claims(), {{"kid", "three"}})), "token_key_unknown");
    EXPECT_EQ(refusal(elliptic().token(claims(), {{"kid", ""}})), "token_key_unknown");
}

TEST(Token, IsVerifiedOnlyWithTheAlgorithmOfTheKey) {
    for (const char* algorithm : {"none", "None", "HS256", "RS256", "ES384", ""}) {
        EXPECT_EQ(refusal(elliptic().token(claims(), {{"alg", algorithm}})), "token_signature") << algorithm;
    }
    EXPECT_EQ(refusal(rsa().token(claims(), {{"alg", "PS256"}})), "token_signature");
    const std::string unsigned_token =
        base64url(R"({"alg":"none","kid":"one"})") + "." + base64url(claims().dump()) + ".";
    EXPECT_EQ(refusal(unsigned_token), "token_signature");
}

TEST(Token, WithAMacUnderThePublicKeyIsRefused) {
    const std::string text =
        base64url(json({{"alg", "HS256"}, {"kid", "two"}}).dump()) + "." + base64url(claims().dump());
    const std::string secret = rsa().jwk().dump();
    std::string mac(32, '\0');
    unsigned int size = 0;
    ASSERT_NE(HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
                   reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                   reinterpret_cast<unsigned char*>(mac.data()), &size),
              nullptr);
    EXPECT_EQ(refusal(text + "." + base64url(mac)), "token_signature");
}

TEST(Token, FromAnotherIssuerOrForAnotherAudienceIsRefused) {
    EXPECT_EQ(refusal(with({{"iss", "https://login.example/"}})), "token_issuer");
    EXPECT_EQ(refusal(without("iss")), "token_issuer");
    EXPECT_EQ(refusal(with({{"aud", "reseal2"}})), "token_audience");
    EXPECT_EQ(refusal(with({{"aud", json::array()}})), "token_audience");
    EXPECT_EQ(refusal(without("aud")), "token_audience");
    EXPECT_EQ(refusal(with({{"aud", {"other", "reseal"}}})), "none");
}

TEST(Token, IsValidUntilTheSecondItExpires) {
    EXPECT_EQ(refusal(claims(), now + 59), "none");
    EXPECT_EQ(refusal(claims(), now + 60), "token_expired");
    EXPECT_EQ(refusal(with({{"exp", 1.5 + now}}), now + 1), "token_expired");
    EXPECT_EQ(refusal(with({{"exp", 0}})), "token_expired");
    EXPECT_EQ(refusal(without("exp")), "token_expired");
}

TEST(Token, IsValidFromItsStartLessTheLeeway) {
    EXPECT_EQ(refusal(with({{"nbf", now + 30}})), "none");
    EXPECT_EQ(refusal(with({{"nbf", now + 31}})), "token_not_yet_valid");
    EXPECT_EQ(refusal(with({{"nbf", now + 30.5}})), "token_not_yet_valid");
    EXPECT_EQ(refusal(without("nbf")), "none");
}

TEST(Token, ForAnotherCertificateIsRefused) {
    EXPECT_EQ(judged(elliptic().token(claims()), now, std::string(32, '\x2b')).refusal, Refusal::token_not_bound);
    EXPECT_EQ(judged(elliptic().token(claims()), now, "").refusal, Refusal::token_not_bound);
    EXPECT_EQ(refusal(with({{"cnf", {{"x5t#S256", base64url(certificate.substr(1))}}}})), "token_not_bound");
    EXPECT_EQ(refusal(with({{"cnf", {{"x5t#S256", ""}}}})), "token_not_bound");
    EXPECT_EQ(refusal(with({{"cnf", {{"jkt", base64url(certificate)}}}})), "token_not_bound");
    EXPECT_EQ(refusal(without("cnf")), "token_not_bound");
}

TEST(Token, NamesThePrincipalWhereTheRulesRequireIt) {
    Rules strict = rules();
    strict.subject = "device:{id}";
    const auto at = [&](const json& changed) {
        return judged(elliptic().token(changed), now, certificate, strict).refusal;
    };
    EXPECT_EQ(at(with({{"sub", "device:tablet"}})), Refusal::none);
    EXPECT_EQ(at(claims()), Refusal::token_subject);
    EXPECT_EQ(at(without("sub")), Refusal::token_subject);
}

TEST(Token, WithAClaimOfTheWrongTypeIsMalformed) {
    for (const json& wrong :
         {json({{"exp", "1800000060"}}), json({{"exp", -1}}), json({{"exp", 1e300}}), json({{"exp", nullptr}}),
          json({{"nbf", true}}), json({{"iss", 5}}), json({{"sub", json::array()}}), json({{"scope", {"ward:read"}}}),
          json({{"aud", {1}}}), json({{"aud", nullptr}}), json({{"cnf", "x"}}), json({{"cnf", {{"x5t#S256", 1}}}}),
          json({{"jti", 1}})}) {
        EXPECT_EQ(refusal(with(wrong)), "token_malformed") << wrong;
    }
}

TEST(Token, WhosePayloadIsNotAPlainObjectIsMalformed) {
    const std::string twice = R"({"exp":1,"exp":9999999999})";
    for (const std::string& payload : {std::string(), std::string("[1]"), std::string("\"text\""), std::string("{}x"),
                                       twice, std::string("{\"a\":\"\xff\"}"), std::string(3000, '[')}) {
        EXPECT_EQ(refusal(elliptic().token_of(payload)), "token_malformed") << payload;
    }
}

TEST(Token, WithAHeaderForAnotherPurposeIsMalformed) {
    for (const json& header : {json({{"crit", {"exp"}}}), json({{"typ", "dpop+jwt"}}), json({{"typ", 1}}),
                               json({{"alg", 1}}), json({{"kid", 1}})}) {
        EXPECT_EQ(refusal(elliptic().token(claims(), header)), "token_malformed") << header;
    }
    EXPECT_EQ(refusal(elliptic().token(claims(), {{"typ", "JWT"}})), "none");
}

TEST(Token, InAnotherFormIsMalformed) {
    const std::string good = elliptic().token(claims());
    for (const std::string& token : {std::string(), std::string("."), std::string(".."), std::string("secret"),
                                     std::string("a.b"), good + ".", "." + good, good + "=", good + " ", good + "\n",
                                     std::string("\xff\xff\xff\xff.AAAA.AAAA"), std::string(token_most + 1, 'A')}) {
        EXPECT_EQ(refusal(token), "token_malformed") << token;
    }
    EXPECT_EQ(refusal(with({{"pad", std::string(token_most, 'x')}})), "token_malformed");
}

TEST(Token, GivesNothingIfRefused) {
    const Verdict verdict = judged(elliptic().token(claims()), now + 60);
    EXPECT_TRUE(verdict.grant.roles.empty());
    EXPECT_TRUE(verdict.grant.id.empty());
    EXPECT_EQ(verdict.grant.ends, 0);
}

TEST(Token, ShowsItsNumberOnlyIfPeopleCanReadIt) {
    EXPECT_EQ(judged(elliptic().token(with({{"jti", "a b"}}))).grant.id, "");
    EXPECT_EQ(judged(elliptic().token(with({{"jti", std::string(65, 'x')}}))).grant.id, "");
}

TEST(Token, StaysValidAfterAKeyChangeOnlyIfItsKeyIsStillThere) {
    const KeySet rotated = *KeySet::parse(jwks({TestKey::p256("next"), rsa()}), "jwks.json");
    EXPECT_EQ(judged(rsa().token(claims()), now, certificate, rules(), rotated).refusal, Refusal::none);
    EXPECT_EQ(judged(elliptic().token(claims()), now, certificate, rules(), rotated).refusal,
              Refusal::token_key_unknown);
}

TEST(Token, LeavesOtherErrorsInOpenSslsQueueAsTheyWere) {
    ERR_clear_error();
    EXPECT_EQ(refusal(TestKey::rsa("two").token(claims())), "token_signature");
    EXPECT_EQ(ERR_peek_error(), 0U);
    ERR_raise(ERR_LIB_USER, 7);
    EXPECT_EQ(refusal(TestKey::p256("one").token(claims())), "token_signature");
    EXPECT_EQ(ERR_GET_REASON(ERR_get_error()), 7);
    EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace reseal::token::test
