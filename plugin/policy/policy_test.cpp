// SPDX-License-Identifier: Apache-2.0
#include "policy/policy.h"

#include <gtest/gtest.h>

#include "policy/allocation_count.h"
#include "policy/reserved.h"

namespace reseal::policy {
namespace {

Rule rule(std::string pattern, bool clear = false) {
    return {std::move(pattern), clear, {7, "roles.test"}, {}};
}

Acl hospital() {
    Acl acl;
    acl.file = "acl.yaml";
    acl.roles["wearable"] = {{rule("ward/{id}/#")}, {rule("commands/{id}/#")}, {rule("commands/{id}/#")}};
    acl.roles["clinician"] = {{}, {rule("ward/#")}, {rule("ward/+/vitals/#")}};
    acl.roles["monitor"] = {{rule("legacy/{id}/#", true)}, {}, {}};
    acl.principals["dashboard"] = {{}, {rule("ward/+/vitals/pulse")}, {rule("ward/+/vitals/pulse")}};
    return acl;
}

TEST(Policy, DeniesWhateverNoRuleGrants) {
    const Rights rights = Policy(Acl{}).rights("pump-7", {"wearable"});
    EXPECT_EQ(rights.publish("ward/pump-7/pulse", {}).refusal, Refusal::publish_not_allowed);
    EXPECT_EQ(rights.subscribe("ward/#", {}).refusal, Refusal::subscribe_not_allowed);
    EXPECT_EQ(rights.deliver("ward/pump-7/pulse", {}).refusal, Refusal::deliver_not_allowed);
    EXPECT_EQ(rights.publish("ward/pump-7/pulse", {}).rule, nullptr);
}

TEST(Policy, GrantsUnderThePrincipalsOwnNameOnly) {
    const Rights rights = Policy(hospital()).rights("pump-7", {"wearable"});
    EXPECT_TRUE(rights.publish("ward/pump-7/pulse", {}));
    EXPECT_FALSE(rights.publish("ward/pump-70/pulse", {}));
    EXPECT_FALSE(rights.publish("ward/pump-8/pulse", {}));
    EXPECT_FALSE(rights.publish("commands/pump-7/x", {}));
    EXPECT_TRUE(rights.deliver("commands/pump-7/dose", {}));
    EXPECT_FALSE(rights.deliver("commands/pump-8/dose", {}));
}

TEST(Policy, NamesTheRuleThatGranted) {
    const Rights rights = Policy(hospital()).rights("pump-7", {"wearable"});
    const Decision decision = rights.publish("ward/pump-7/pulse", {});
    ASSERT_NE(decision.rule, nullptr);
    EXPECT_EQ(decision.rule->pattern, "ward/{id}/#");
    EXPECT_EQ(place_of("acl.yaml", *decision.rule), "acl.yaml:7: roles.test");
    EXPECT_FALSE(decision.clear);
}

TEST(Policy, CombinesTheRightsOfRolesAndName) {
    const Rights rights = Policy(hospital()).rights("dashboard", {"wearable", "monitor"});
    EXPECT_TRUE(rights.publish("ward/dashboard/x", {}));
    EXPECT_TRUE(rights.publish("legacy/dashboard/x", {}));
    EXPECT_TRUE(rights.subscribe("ward/+/vitals/pulse", {}));
    EXPECT_TRUE(rights.subscribe("commands/dashboard/#", {}));
}

TEST(Policy, KnowsItsRoles) {
    const Policy policy(hospital());
    EXPECT_TRUE(policy.knows_role("wearable"));
    EXPECT_FALSE(policy.knows_role("dashboard"));
    EXPECT_FALSE(policy.rights("pump-7", {"visitor"}).publish("ward/pump-7/x", {}));
    EXPECT_EQ(policy.file(), "acl.yaml");
}

TEST(Policy, GrantsNothingToANameThatCouldAddLevelsOrWildcards) {
    const Policy policy(hospital());
    for (const std::string_view name : {"", "+", "#", "a/b", "pump 7"}) {
        const Rights rights = policy.rights(name, {"wearable", "clinician"});
        EXPECT_FALSE(rights.publish("ward/a/b/x", {})) << name;
        EXPECT_FALSE(rights.subscribe("ward/#", {})) << name;
    }
}

TEST(Policy, IgnoresAPatternThatIsNotAFilter) {
    Acl acl;
    acl.roles["wrong"].publish = {rule("ward/#/x"), rule("")};
    EXPECT_FALSE(Policy(acl).rights("pump-7", {"wrong"}).publish("ward/pump-7", {}));
}

TEST(Rights, LetASubscriptionAskForLessButNotMore) {
    const Rights rights = Policy(hospital()).rights("nurse", {"clinician"});
    EXPECT_TRUE(rights.subscribe("ward/#", {}));
    EXPECT_TRUE(rights.subscribe("ward/+/vitals", {}));
    EXPECT_TRUE(rights.subscribe("ward/3", {}));
    EXPECT_FALSE(rights.subscribe("#", {}));
    EXPECT_FALSE(rights.subscribe("+/3", {}));
    EXPECT_FALSE(rights.subscribe("$SYS/#", {}));
    EXPECT_FALSE(rights.subscribe("ward/#/x", {}));
    EXPECT_FALSE(rights.subscribe("", {}));
}

TEST(Rights, TreatASharedSubscriptionAsItsFilter) {
    const Rights rights = Policy(hospital()).rights("nurse", {"clinician"});
    EXPECT_TRUE(rights.subscribe("$share/screens/ward/#", {}));
    EXPECT_FALSE(rights.subscribe("$share/screens/#", {}));
    EXPECT_FALSE(rights.subscribe("$share/screens/", {}));
    EXPECT_FALSE(rights.subscribe("$share/+/ward/#", {}));
    EXPECT_FALSE(rights.subscribe("$share/a/$share/b/ward/#", {}));
}

TEST(Rights, DeliverOnlyWhatDeliverAllowsEvenIfMoreIsSubscribed) {
    const Rights rights = Policy(hospital()).rights("nurse", {"clinician"});
    EXPECT_TRUE(rights.deliver("ward/3/vitals/pulse", {}));
    EXPECT_FALSE(rights.deliver("ward/3/notes", {}));
}

TEST(Rights, PreferTheRuleThatAllowsAClearPayload) {
    Acl acl;
    acl.roles["both"] = {{rule("a/#"), rule("a/b", true)}, {rule("a/#")}, {rule("a/+"), rule("a/b", true)}};
    const Rights rights = Policy(acl).rights("x", {"both"});
    EXPECT_TRUE(rights.publish("a/b", {}).clear);
    EXPECT_EQ(rights.publish("a/b", {}).rule->pattern, "a/b");
    EXPECT_FALSE(rights.publish("a/c", {}).clear);
    EXPECT_TRUE(rights.deliver("a/b", {}).clear);
    EXPECT_FALSE(rights.deliver("a/c", {}).clear);
}

TEST(Rights, GrantNothingForAnInvalidTopic) {
    Acl acl;
    acl.roles["all"] = {{rule("#")}, {rule("#")}, {rule("#")}};
    const Rights rights = Policy(acl).rights("x", {"all"});
    for (const std::string_view topic : {"", "a/+", "#", "a/\xFF"}) {
        EXPECT_EQ(rights.publish(topic, {}).refusal, Refusal::publish_not_allowed) << testing::PrintToString(topic);
        EXPECT_EQ(rights.deliver(topic, {}).refusal, Refusal::deliver_not_allowed) << testing::PrintToString(topic);
    }
}

constexpr UnixTime noon = 1'800'000'000;

Rule limited(std::string pattern, Limits limits) {
    return {std::move(pattern), false, {9, "roles.limited"}, limits};
}

TEST(Denials, BeatEveryGrant) {
    Acl acl;
    acl.roles["staff"] = {{rule("ward/#")}, {rule("ward/#")}, {rule("ward/#")}, {}, {}};
    acl.roles["guest"].deny = {{rule("ward/+/dose")}, {rule("ward/9/#")}, {rule("ward/9/#")}};
    acl.principals["x"].publish = {rule("ward/3/dose", true)};
    const Rights rights = Policy(acl).rights("x", {"staff", "guest"});
    EXPECT_EQ(rights.publish("ward/3/dose", {}).refusal, Refusal::denied);
    EXPECT_EQ(rights.publish("ward/3/dose", {}).rule->pattern, "ward/+/dose");
    EXPECT_TRUE(rights.publish("ward/3/pulse", {}));
    EXPECT_EQ(rights.deliver("ward/9/pulse", {}).refusal, Refusal::denied);
    EXPECT_EQ(rights.subscribe("ward/9/pulse", {}).refusal, Refusal::denied);
    EXPECT_EQ(rights.subscribe("ward/#", {}).refusal, Refusal::filter_too_wide);
    EXPECT_EQ(rights.subscribe("ward/#", {}).rule->pattern, "ward/9/#");
    EXPECT_TRUE(rights.subscribe("ward/8/#", {}));
}

TEST(Limits, RefuseWhatNoGrantAllowsAndNameTheLimit) {
    Acl acl;
    acl.roles["r"].publish = {limited("a", {.qos = 1, .retain = Retain::never, .max_payload = 10})};
    const Rights rights = Policy(acl).rights("x", {"r"});
    EXPECT_TRUE(rights.publish("a", {.qos = 1, .size = 10}));
    EXPECT_EQ(rights.publish("a", {.qos = 2}).refusal, Refusal::qos_not_allowed);
    EXPECT_EQ(rights.publish("a", {.retain = true}).refusal, Refusal::retain_not_allowed);
    EXPECT_EQ(rights.publish("a", {.size = 11}).refusal, Refusal::payload_not_allowed);
    EXPECT_EQ(rights.publish("a", {.size = 11}).rule->origin.key, "roles.limited");
}

TEST(Limits, HonourAnUnprotectedRetainFlagOnlyIfConfigured) {
    Acl acl;
    acl.roles["r"].publish = {limited("a", {}), limited("b", {.retain = Retain::always})};
    const Rights rights = Policy(acl).rights("x", {"r"});
    EXPECT_EQ(rights.publish("a", {.retain = true, .bare = true}).refusal, Refusal::retain_not_allowed);
    EXPECT_TRUE(rights.publish("a", {.bare = true}));
    EXPECT_TRUE(rights.publish("b", {.retain = true, .bare = true}));
}

TEST(Limits, AreThoseOfTheMostPermissiveRule) {
    Acl acl;
    acl.roles["r"].publish = {limited("a", {.qos = 0}), limited("+", {.max_payload = 5})};
    const Rights rights = Policy(acl).rights("x", {"r"});
    EXPECT_TRUE(rights.publish("a", {.qos = 2, .size = 5}));
    EXPECT_TRUE(rights.publish("a", {.qos = 0, .size = 50}));
    EXPECT_FALSE(rights.publish("a", {.qos = 2, .size = 50}));
}

TEST(Limits, OnASubscriptionApplyToItsQos) {
    Acl acl;
    acl.roles["r"].subscribe = {limited("a/#", {.qos = 1})};
    const Rights rights = Policy(acl).rights("x", {"r"});
    EXPECT_TRUE(rights.subscribe("a/b", {.qos = 1}));
    EXPECT_EQ(rights.subscribe("a/b", {.qos = 2}).refusal, Refusal::qos_not_allowed);
}

TEST(Expiry, EndsAGrantToTheSecond) {
    Acl acl;
    const Limits until_noon{.expires = noon};
    acl.roles["r"] = {{limited("a", until_noon)}, {limited("a", until_noon)}, {limited("a", until_noon)}, {}, {}};
    const Rights rights = Policy(acl).rights("x", {"r"});
    EXPECT_TRUE(rights.publish("a", {.now = noon - 1}));
    EXPECT_TRUE(rights.subscribe("a", {.now = noon - 1}));
    EXPECT_TRUE(rights.deliver("a", {.now = noon - 1}));
    EXPECT_EQ(rights.publish("a", {.now = noon}).refusal, Refusal::grant_expired);
    EXPECT_EQ(rights.subscribe("a", {.now = noon}).refusal, Refusal::grant_expired);
    EXPECT_EQ(rights.deliver("a", {.now = noon}).refusal, Refusal::grant_expired);
}

TEST(Placeholders, StandForAttributesRoleAndCommonName) {
    Acl acl;
    acl.roles["r"].publish = {rule("w/{ward}/{id}"), rule("{role}/x"), rule("c/{cn}")};
    acl.attributes["x"] = {{"ward", "icu-2"}};
    const Policy policy(acl);
    const Rights rights = policy.rights("x", {"r"}, "pump.example");
    EXPECT_TRUE(rights.publish("w/icu-2/x", {}));
    EXPECT_FALSE(rights.publish("w/icu-3/x", {}));
    EXPECT_TRUE(rights.publish("r/x", {}));
    EXPECT_TRUE(rights.publish("c/pump.example", {}));
    EXPECT_FALSE(policy.rights("y", {"r"}).publish("w/icu-2/y", {}));
}

TEST(Placeholders, WithoutAUsableValueGrantNothingAndDenyEverything) {
    Acl acl;
    acl.roles["r"].publish = {rule("c/{cn}/#"), rule("open/#")};
    acl.roles["r"].deny.publish = {rule("open/not-{cn}/#")};
    const Policy policy(acl);
    for (const std::string_view cn : {"", "a/b", "+", "#", "$SYS", "x\xFF"}) {
        const Rights rights = policy.rights("x", {"r"}, cn);
        EXPECT_FALSE(rights.publish("c/" + std::string(cn) + "/d", {})) << cn;
        EXPECT_FALSE(rights.publish("c//d", {})) << cn;
        EXPECT_EQ(rights.publish("open/any", {}).refusal, Refusal::denied) << cn;
    }
    EXPECT_TRUE(policy.rights("x", {"r"}, "y").publish("open/any", {}));
    EXPECT_FALSE(policy.rights("x", {"r"}, "y").publish("open/not-y/z", {}));
}

TEST(WideSubscriptions, AreNarrowedAtDeliveryIfTheAclSaysSo) {
    Acl acl;
    acl.narrow = true;
    acl.roles["r"] = {{}, {rule("a/#")}, {rule("#")}, {}, {}};
    acl.roles["r"].deny.subscribe = {rule("a/secret")};
    const Rights rights = Policy(acl).rights("x", {"r"});
    EXPECT_TRUE(rights.subscribe("#", {}));
    EXPECT_TRUE(rights.deliver("a/b", {}));
    EXPECT_FALSE(rights.deliver("b", {}));
    EXPECT_FALSE(rights.deliver("a/secret", {}));
    EXPECT_EQ(rights.subscribe("b/#", {}).refusal, Refusal::subscribe_not_allowed);
    EXPECT_EQ(rights.subscribe("a/secret", {}).refusal, Refusal::denied);
}

TEST(Rights, AllocateNothingWhenDecidingAboutATopic) {
    Acl acl = hospital();
    acl.roles["wearable"].deny.publish = {rule("ward/{id}/x")};
    const Rights rights = Policy(acl).rights("pump-7", {"wearable", "clinician", "monitor"}, "cn");
    const std::size_t before = allocation_count();
    bool all = true;
    for (int i = 0; i < 100; ++i) {
        all = rights.publish("ward/pump-7/pulse", {}) && !rights.publish("ward/pump-7/x", {}) &&
              rights.deliver("commands/pump-7/dose", {}) && !rights.forward("a", 0) && all;
    }
    EXPECT_EQ(allocation_count(), before);
    EXPECT_TRUE(all);
}

TEST(Rights, OutliveTheirPolicy) {
    Rights rights;
    { rights = Policy(hospital()).rights("pump-7", {"wearable"}); }
    EXPECT_TRUE(rights.publish("ward/pump-7/pulse", {}));
}

TEST(Policy, KeepsThePluginsOwnTopicsFromEverybodyDespiteAnyGrant) {
    Acl acl;
    for (const char* pattern : {"#", "$reseal/#", "$reseal/+/key", "$reseal/pump-7/key"}) {
        for (auto list : {&Grants::publish, &Grants::subscribe, &Grants::deliver, &Grants::forward}) {
            (acl.roles["all"].*list).push_back(rule(pattern, true));
        }
    }
    const Rights rights = Policy(acl).rights("pump-7", {"all"});
    ASSERT_TRUE(rights.publish("$resealed/x", {}).refusal == Refusal::publish_not_allowed) << "another topic";
    for (const char* topic : {"$reseal", "$reseal/pump-8/key", "$reseal/pump-7/key/x", "$reseal/pump-7", "$reseal//key",
                              "$reseal/pump-7/ke", "$reseal/pump-7xkey"}) {
        EXPECT_EQ(rights.publish(topic, {}).refusal, Refusal::reserved_topic) << topic;
        EXPECT_EQ(rights.subscribe(topic, {}).refusal, Refusal::reserved_topic) << topic;
        EXPECT_EQ(rights.deliver(topic, {}).refusal, Refusal::reserved_topic) << topic;
        EXPECT_FALSE(rights.forward(topic, 0)) << topic;
    }
    for (const char* filter : {"$reseal/#", "$reseal/+/key", "$reseal/pump-7/#", "$share/g/$reseal/pump-7/key"}) {
        EXPECT_EQ(rights.subscribe(filter, {}).refusal, Refusal::reserved_topic) << filter;
    }
}

TEST(Policy, LetsAPrincipalReadItsOwnKeyTopicEvenWhenDenied) {
    Acl acl;
    acl.roles["none"].deny.subscribe.push_back(rule("$reseal/#"));
    acl.roles["none"].deny.deliver.push_back(rule("$reseal/#"));
    const Rights rights = Policy(acl).rights("pump-7", {"none"});
    const std::string topic = key_topic("pump-7");
    EXPECT_EQ(topic, "$reseal/pump-7/key");
    EXPECT_TRUE(rights.subscribe(topic, {}));
    EXPECT_TRUE(rights.deliver(topic, {}));
    EXPECT_FALSE(rights.deliver(topic, {}).clear);
    EXPECT_EQ(rights.publish(topic, {}).refusal, Refusal::reserved_topic);
    EXPECT_FALSE(rights.forward(topic, 0));
    EXPECT_FALSE(Policy(acl).rights("", {"none"}).deliver("$reseal//key", {})) << "nobody has no topic";
}

TEST(Policy, ForwardsForTheRealmsNamedInItsRules) {
    Acl acl;
    Rule own{.pattern = "a/#", .origin = {1, "x"}, .limits = {}, .realm = ""};
    Rule wing{.pattern = "a/b", .origin = {2, "x"}, .limits = {}, .realm = "wing-b"};
    Rule over{.pattern = "a/#", .origin = {3, "x"}, .limits = {.expires = 10}, .realm = "wing-c"};
    acl.roles["bridge"].forward = {own, wing, over};
    acl.principals["other"].forward = {wing};
    const Policy policy(acl);
    const Rights rights = policy.rights("bridge-1", {"bridge"});
    const auto realms = [&](std::string_view topic, UnixTime now) {
        auto out = rights.forwarded_realms(AskedTopic(topic), now);
        std::sort(out.begin(), out.end());
        return out;
    };
    using Realms = std::vector<std::string_view>;
    EXPECT_EQ(realms("a/b", 9), (Realms{"", "wing-b", "wing-c"}));
    EXPECT_EQ(realms("a/c", 11), Realms{""});
    EXPECT_EQ(realms("b", 9), Realms{});
    EXPECT_EQ(policy.peer_realms(), (std::vector<std::string>{"wing-b", "wing-c"}));
}

TEST(Policy, LetsRolesAndPrincipalsSkipTheProofOfTheirKey) {
    Acl acl;
    acl.roles["stock"].certificate_only = true;
    acl.principals["desk"].certificate_only = true;
    const Policy policy(acl);
    EXPECT_TRUE(policy.certificate_only("x", {"nurse", "stock"}));
    EXPECT_TRUE(policy.certificate_only("desk", {}));
    EXPECT_FALSE(policy.certificate_only("x", {"nurse"}));
}

}  // namespace
}  // namespace reseal::policy
