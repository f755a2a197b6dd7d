// SPDX-License-Identifier: Apache-2.0
// Reads from reseal.yaml how much a client may cost.
#include <gtest/gtest.h>

#include <string>

#include "config/config.h"

namespace reseal::config {
namespace {

Checked<Config> with_budgets(const std::string& more) {
    return parse_config("version: 1\nrealm: test\nregistry: r.db\nmaster_key: m.key\nstate: s\nacl: acl.yaml\n" + more,
                        "reseal.yaml");
}

std::string budgets_fault(const std::string& more) {
    const Checked<Config> config = with_budgets(more);
    return config ? "" : config.error().text();
}

TEST(Budgets, HaveDefaults) {
    const Checked<Config> config = with_budgets("");
    ASSERT_TRUE(config);
    EXPECT_EQ(config->budgets, budget::Limits{});
    EXPECT_EQ(config->budgets.principal.messages, 2000U);
    EXPECT_EQ(config->budgets.strangers.audit_lines, 20U);
}

TEST(Budgets, AcceptEveryKey) {
    const Checked<Config> config = with_budgets(
        "budgets:\n"
        "  principal: {messages: 1, bytes: 1024, connects: 3, sessions: 4, subscriptions: 5, retained_topics: 6, "
        "audit_lines: 7}\n"
        "  address: {connects: 8, audit_lines: 9}\n"
        "  strangers: {connects: 10, audit_lines: 1000000}\n");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->budgets,
              (budget::Limits{.principal = {1, 1024, 3, 4, 5, 6, 7}, .address = {8, 9}, .strangers = {10, 1000000}}));
}

TEST(Budgets, LeaveTheOthersAtTheirDefaults) {
    const Checked<Config> config = with_budgets("budgets: {principal: {messages: 5}}\n");
    ASSERT_TRUE(config) << config.error().text();
    budget::Limits expected;
    expected.principal.messages = 5;
    EXPECT_EQ(config->budgets, expected);
}

TEST(Budgets, AreUnlimitedWhereNoneIsWritten) {
    const Checked<Config> one = with_budgets("budgets: {principal: {messages: none}}\n");
    ASSERT_TRUE(one) << one.error().text();
    EXPECT_EQ(one->budgets.principal.messages, 0U);
    EXPECT_EQ(one->budgets.principal.bytes, budget::Limits{}.principal.bytes);
    const Checked<Config> all = with_budgets("budgets: none\n");
    ASSERT_TRUE(all) << all.error().text();
    EXPECT_EQ(all->budgets, (budget::Limits{{0, 0, 0, 0, 0, 0, 0}, {0, 0}, {0, 0}}));
}

TEST(Budgets, SayWhatIsWrong) {
    EXPECT_EQ(budgets_fault("budgets: {principal: {messages: 0}}\n"),
              "reseal.yaml:7: budgets.principal.messages: '0' is out of range; write a number from 1 to 1000000");
    EXPECT_EQ(budgets_fault("budgets: {principal: {bytes: 1023}}\n"),
              "reseal.yaml:7: budgets.principal.bytes: '1023' is out of range; write a number from 1024 to 4000000000");
    EXPECT_EQ(budgets_fault("budgets: {principal: {mesages: 5}}\n"),
              "reseal.yaml:7: budgets.principal: 'mesages' is not a known key; did you mean 'messages'?");
    EXPECT_EQ(
        budgets_fault("budgets: {address: 5}\n"),
        "reseal.yaml:7: budgets.address: '5' is not a map; write KEY: VALUE, with the keys connects, audit_lines");
    EXPECT_EQ(budgets_fault("budgets: {address: {connects: \"none\"}}\n"),
              "reseal.yaml:7: budgets.address.connects: 'none' is not a plain decimal number; write a number from 1 to "
              "1000000");
    EXPECT_EQ(budgets_fault("budgets: {everyone: {}}\n"),
              "reseal.yaml:7: budgets: 'everyone' is not a known key; the keys here are principal, address, strangers");
}

}  // namespace
}  // namespace reseal::config
