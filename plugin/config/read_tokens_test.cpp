// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "config/config.h"

namespace reseal::config {
namespace {

const std::string without_tokens =
    "version: 1\nrealm: main\nregistry: r.db\nmaster_key: m.key\nstate: s\nacl: acl.yaml\n";
const std::string tokens =
    "tokens:\n  issuer: https://login.example\n  audience: reseal\n  keys: jwks.json\n"
    "  scopes:\n    \"ward:read\": [dashboard, display]\n";

// The Fault of the usual file if its `tokens` goes on with `more`, from line 12 on.
std::string tokens_fault(const std::string& more) {
    const Checked<Config> config = parse_config(without_tokens + tokens + more, "reseal.yaml");
    return config ? "" : config.error().text();
}
// The same without the lines of `tokens` that begin with `key`.
std::string fault_without(const std::string& key) {
    std::string yaml = without_tokens + tokens;
    const std::size_t from = yaml.find("  " + key + ":");
    yaml.erase(from, yaml.find('\n', from) + 1 - from);
    const Checked<Config> config = parse_config(yaml, "reseal.yaml");
    return config ? "" : config.error().text();
}

TEST(ParseTokens, IgnoresTokensUnlessConfigured) {
    EXPECT_FALSE(parse_config(without_tokens, "reseal.yaml")->tokens);
}

TEST(ParseTokens, RequiresMandatorySettingsAndFillsInTheRest) {
    const Checked<Config> config = parse_config(without_tokens + tokens, "/etc/reseal/reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    ASSERT_TRUE(config->tokens);
    EXPECT_EQ(config->tokens->issuer, "https://login.example");
    EXPECT_EQ(config->tokens->audience, "reseal");
    EXPECT_EQ(config->tokens->keys, "/etc/reseal/jwks.json");
    ASSERT_EQ(config->tokens->scopes.size(), 1U);
    EXPECT_EQ(config->tokens->scopes.at("ward:read").roles, (std::vector<std::string>{"dashboard", "display"}));
    EXPECT_EQ(config->tokens->scopes.at("ward:read").line, 12);
    EXPECT_EQ(config->tokens->subject, "");
    EXPECT_FALSE(config->tokens->required);
    EXPECT_EQ(config->tokens->leeway, 30U);
}

TEST(ParseTokens, AcceptsEveryKey) {
    const Checked<Config> config = parse_config(
        without_tokens + tokens + "  subject: \"device:{id}\"\n  required: true\n  leeway: 0\n", "reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->tokens->subject, "device:{id}");
    EXPECT_TRUE(config->tokens->required);
    EXPECT_EQ(config->tokens->leeway, 0U);
}

TEST(ParseTokens, SaysWhatIsMissing) {
    EXPECT_EQ(fault_without("issuer"),
              "reseal.yaml:8: tokens.issuer: the key is missing; write the tokens' iss, as in issuer: "
              "https://login.example");
    EXPECT_NE(fault_without("audience").find("tokens.audience: the key is missing"), std::string::npos);
    EXPECT_NE(fault_without("keys").find("tokens.keys: the key is missing"), std::string::npos);
    EXPECT_NE(fault_without("  \"ward:read\"").find("tokens.scopes: the value is missing"), std::string::npos);
}

TEST(ParseTokens, SaysWhatIsWrong) {
    EXPECT_EQ(tokens_fault("    \"two words\": [a]\n"),
              "reseal.yaml:13: tokens.scopes: 'two words' is not a scope; write SCOPE: [ROLE], as in \"ward:read\": "
              "[dashboard]");
    EXPECT_EQ(tokens_fault("    other: [\"ward/#\"]\n"),
              "reseal.yaml:13: tokens.scopes.other[0]: 'ward/#' is not a valid role name; write a list of roles of "
              "acl.yaml, as in [dashboard]");
    EXPECT_NE(tokens_fault("    other: role\n").find("tokens.scopes.other: 'role' is not a list"), std::string::npos);
    EXPECT_NE(tokens_fault("  subject: me\n").find("tokens.subject: 'me' is not a valid pattern; write {id} once"),
              std::string::npos);
    EXPECT_NE(tokens_fault("  leeway: 301\n").find("tokens.leeway: '301' is out of range"), std::string::npos);
    EXPECT_NE(tokens_fault("  required: yes\n").find("tokens.required: 'yes' is neither"), std::string::npos);
    EXPECT_NE(tokens_fault("  audiense: x\n").find("did you mean 'audience'?"), std::string::npos);
}

}  // namespace
}  // namespace reseal::config
