// SPDX-License-Identifier: Apache-2.0
#include "identity/token_verifier.h"

#include <fstream>

#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "token/test_issuer.h"

namespace reseal::identity {
namespace {

using token::test::TestKey;

constexpr std::time_t now = 1'800'000'000;
const std::string certificate(32, '\x2a');

class TokenVerifierTest : public ::testing::Test {
  protected:
    void write(const std::string& text) { std::ofstream(file()) << text; }
    [[nodiscard]] std::string file() const { return folder_.path() + "/jwks.json"; }
    [[nodiscard]] config::Tokens settings() const {
        return {.issuer = "https://login.example",
                .audience = "reseal",
                .keys = file(),
                .scopes = {{"ward:read", {.roles = {"dashboard"}}}},
                .subject = "{id}"};
    }
    static token::Verdict judged(const TokenVerifier& verifier, const TestKey& key) {
        const token::Bearer bearer{
            .certificate = {reinterpret_cast<const std::uint8_t*>(certificate.data()), certificate.size()},
            .principal = "tablet"};
        return verifier.check(key.token({{"iss", "https://login.example"},
                                         {"aud", "reseal"},
                                         {"sub", "tablet"},
                                         {"exp", now + 60},
                                         {"scope", "ward:read"},
                                         {"cnf", {{"x5t#S256", token::test::base64url(certificate)}}}}),
                              bearer, now);
    }
    // A file counts as changed only when it has stopped changing.
    static std::optional<Notice> settled(TokenVerifier& verifier) {
        const auto first = verifier.look();
        return first ? first : verifier.look();
    }

    TempFolder folder_;
    TestKey old_ = TestKey::p256("old");
    TestKey fresh_ = TestKey::p256("fresh");
};

TEST_F(TokenVerifierTest, FollowsTheSettings) {
    write(token::test::jwks({old_}));
    const auto verifier = TokenVerifier::open(settings());
    ASSERT_TRUE(verifier) << verifier.error().text();
    const token::Verdict verdict = judged(*verifier, old_);
    EXPECT_EQ(verdict.refusal, Refusal::none) << name_of(verdict.refusal);
    EXPECT_EQ(verdict.grant.roles, std::vector<std::string>{"dashboard"});
}

TEST_F(TokenVerifierTest, AppliesChangedKeys) {
    write(token::test::jwks({old_}));
    auto verifier = TokenVerifier::open(settings());
    ASSERT_TRUE(verifier) << verifier.error().text();
    EXPECT_FALSE(settled(*verifier));
    write(token::test::jwks({old_, fresh_}));
    const auto notice = settled(*verifier);
    ASSERT_TRUE(notice);
    EXPECT_EQ(notice->kind, Notice::Kind::well);
    EXPECT_EQ(notice->text, "loaded the issuer's keys " + file() + ": 2");
    EXPECT_EQ(judged(*verifier, fresh_).refusal, Refusal::none);
    EXPECT_EQ(judged(*verifier, old_).refusal, Refusal::none);
}

TEST_F(TokenVerifierTest, KeepsTheFormerKeysWhenTheFileIsUnusable) {
    write(token::test::jwks({old_}));
    auto verifier = TokenVerifier::open(settings());
    ASSERT_TRUE(verifier) << verifier.error().text();
    write("{\"keys\": [");
    const auto notice = settled(*verifier);
    ASSERT_TRUE(notice);
    EXPECT_EQ(notice->kind, Notice::Kind::unreadable);
    EXPECT_NE(notice->text.find("the issuer's former keys stay in force: " + file() + ": keys: this is not a JWK set"),
              std::string::npos)
        << notice->text;
    EXPECT_EQ(judged(*verifier, old_).refusal, Refusal::none);
}

TEST_F(TokenVerifierTest, DoesNotStartWithoutKeys) {
    const auto verifier = TokenVerifier::open(settings());
    ASSERT_FALSE(verifier);
    EXPECT_EQ(verifier.error().file, file());
}

}  // namespace
}  // namespace reseal::identity
