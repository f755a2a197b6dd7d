// SPDX-License-Identifier: Apache-2.0
#include "policy/advice.h"

#include <gtest/gtest.h>

namespace reseal::policy {
namespace {

constexpr UnixTime today = 1'800'000'000;

Rule rule(int line, std::string pattern, Limits limits = {}, bool clear = false) {
    return {std::move(pattern), clear, {line, "rule"}, limits};
}

// "LINE: TEXT" of each advice about a role of these grants, which x has.
std::string advice(const Grants& grants, const std::vector<Member>& members = {{"x", {"r"}}}) {
    Acl acl;
    acl.roles["r"] = grants;
    acl.attributes["y"] = {{"ward", "icu"}};
    std::string out;
    for (const Advice& each : advise(acl, members, today)) {
        out += std::to_string(each.origin.line) + ": " + each.text + "\n";
    }
    return out;
}

TEST(Advice, SaysNothingAboutRulesThatHaveAnEffect) {
    Grants grants;
    grants.publish = {rule(1, "a/{id}"), rule(2, "a/b"), rule(3, "c/+"), rule(4, "c/d", {}, true),
                      rule(5, "e", {.expires = today + 1})};
    grants.subscribe = {rule(6, "a/#")};
    grants.deliver = {rule(6, "a/#")};
    grants.deny.publish = {rule(7, "c/x")};
    EXPECT_EQ(advice(grants), "");
}

TEST(Advice, FindsAGrantThatHasExpired) {
    EXPECT_EQ(advice({{rule(1, "a", {.expires = today})}}), "1: nobody can use it: it has expired\n");
}

TEST(Advice, FindsAGrantForTopicsReservedByThePlugin) {
    Grants grants;
    grants.publish = {rule(1, "$reseal/#"), rule(2, "$resealed/#")};
    grants.subscribe = {rule(3, "$reseal/{id}/key")};
    grants.deliver = grants.subscribe;
    EXPECT_EQ(advice(grants),
              "1: it changes nothing: topics under $reseal are the plugin's own, and decided before any rule\n"
              "3: it changes nothing: topics under $reseal are the plugin's own, and decided before any rule\n");
}

TEST(Advice, FindsAGrantOverruledByADenial) {
    Grants grants;
    grants.publish = {rule(1, "a/{id}/b"), rule(2, "a/#")};
    grants.deny.publish = {rule(3, "a/+/b")};
    EXPECT_EQ(advice(grants),
              "1: nobody can use it: rule in line 3 denies it\n"
              "1: it changes nothing: rule in line 2 covers it, alone or with others\n");
}

TEST(Advice, FindsAGrantWithAnAttributeThatNobodyInTheRoleHas) {
    const Grants grants{{rule(1, "w/{ward}")}};
    EXPECT_EQ(advice(grants), "1: nobody can use it: no principal that has the role has the attribute ward\n");
    EXPECT_EQ(advice(grants, {{"x", {"r"}}, {"y", {"r"}}}), "");
    EXPECT_NE(advice(grants, {{"x", {"r"}}, {"y", {"other"}}}), "");
}

TEST(Advice, FindsARuleThatAnotherOneCovers) {
    EXPECT_EQ(advice({{rule(1, "a/b"), rule(2, "a/#")}}),
              "1: it changes nothing: rule in line 2 covers it, alone or with others\n");
    EXPECT_EQ(advice({{rule(1, "a/{id}"), rule(2, "a/+")}}),
              "1: it changes nothing: rule in line 2 covers it, alone or with others\n");
    EXPECT_EQ(advice({{rule(1, "a"), rule(2, "a")}}),
              "2: it changes nothing: rule in line 1 covers it, alone or with others\n");
}

TEST(Advice, FindsARuleThatOthersCoverTogetherAndKeepsThem) {
    EXPECT_EQ(advice({{rule(1, "a"), rule(2, "a/+/#"), rule(3, "a/#")}}),
              "3: it changes nothing: rule in line 1 covers it, alone or with others\n");
    EXPECT_EQ(advice({{rule(1, "a/#"), rule(2, "a"), rule(3, "a/+/#")}}),
              "2: it changes nothing: rule in line 1 covers it, alone or with others\n"
              "3: it changes nothing: rule in line 1 covers it, alone or with others\n");
}

TEST(Advice, IgnoresALimitThatAWiderRuleLifts) {
    EXPECT_EQ(advice({{rule(1, "a/b", {.qos = 0}), rule(2, "a/#")}}),
              "1: it changes nothing: rule in line 2 covers it, alone or with others\n");
    EXPECT_EQ(advice({{rule(1, "a/b"), rule(2, "a/#", {.qos = 0})}}), "");
}

}  // namespace
}  // namespace reseal::policy
