#include "policy/policy.h"

#include <gtest/gtest.h>

namespace reseal::policy {
namespace {

Rule rule(std::string pattern, bool clear = false) {
    return {std::move(pattern), clear, {7, "roles.test"}};
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
    EXPECT_EQ(rights.publish("ward/pump-7/pulse").refusal, Refusal::publish_not_allowed);
    EXPECT_EQ(rights.subscribe("ward/#").refusal, Refusal::subscribe_not_allowed);
    EXPECT_EQ(rights.deliver("ward/pump-7/pulse").refusal, Refusal::deliver_not_allowed);
    EXPECT_EQ(rights.publish("ward/pump-7/pulse").rule, nullptr);
}

TEST(Policy, GrantsUnderThePrincipalsOwnNameOnly) {
    const Rights rights = Policy(hospital()).rights("pump-7", {"wearable"});
    EXPECT_TRUE(rights.publish("ward/pump-7/pulse"));
    EXPECT_FALSE(rights.publish("ward/pump-70/pulse"));
    EXPECT_FALSE(rights.publish("ward/pump-8/pulse"));
    EXPECT_FALSE(rights.publish("commands/pump-7/x"));
    EXPECT_TRUE(rights.deliver("commands/pump-7/dose"));
    EXPECT_FALSE(rights.deliver("commands/pump-8/dose"));
}

TEST(Policy, NamesTheRuleThatGranted) {
    const Rights rights = Policy(hospital()).rights("pump-7", {"wearable"});
    const Decision decision = rights.publish("ward/pump-7/pulse");
    ASSERT_NE(decision.rule, nullptr);
    EXPECT_EQ(decision.rule->pattern, "ward/pump-7/#");
    EXPECT_EQ(decision.rule->origin.line, 7);
    EXPECT_EQ(decision.rule->origin.key, "roles.test");
    EXPECT_FALSE(decision.clear);
}

TEST(Policy, AddsUpRolesAndWhatIsWrittenUnderTheName) {
    const Rights rights = Policy(hospital()).rights("dashboard", {"wearable", "monitor"});
    EXPECT_TRUE(rights.publish("ward/dashboard/x"));
    EXPECT_TRUE(rights.publish("legacy/dashboard/x"));
    EXPECT_TRUE(rights.subscribe("ward/+/vitals/pulse"));
    EXPECT_TRUE(rights.subscribe("commands/dashboard/#"));
}

TEST(Policy, KnowsItsRoles) {
    const Policy policy(hospital());
    EXPECT_TRUE(policy.knows_role("wearable"));
    EXPECT_FALSE(policy.knows_role("dashboard"));
    EXPECT_FALSE(policy.rights("pump-7", {"visitor"}).publish("ward/pump-7/x"));
    EXPECT_EQ(policy.file(), "acl.yaml");
}

TEST(Policy, GrantsNothingToANameThatCouldBringInLevelsOrWildcards) {
    const Policy policy(hospital());
    for (const std::string_view name : {"", "+", "#", "a/b", "pump 7"}) {
        const Rights rights = policy.rights(name, {"wearable", "clinician"});
        EXPECT_FALSE(rights.publish("ward/a/b/x")) << name;
        EXPECT_FALSE(rights.subscribe("ward/#")) << name;
    }
}

TEST(Policy, TakesAPatternThatIsNoFilterForNone) {
    Acl acl;
    acl.roles["wrong"].publish = {rule("ward/#/x"), rule("")};
    EXPECT_FALSE(Policy(acl).rights("pump-7", {"wrong"}).publish("ward/pump-7"));
}

TEST(Rights, LetASubscriptionAskForLessButNotForMore) {
    const Rights rights = Policy(hospital()).rights("nurse", {"clinician"});
    EXPECT_TRUE(rights.subscribe("ward/#"));
    EXPECT_TRUE(rights.subscribe("ward/+/vitals"));
    EXPECT_TRUE(rights.subscribe("ward/3"));
    EXPECT_FALSE(rights.subscribe("#"));
    EXPECT_FALSE(rights.subscribe("+/3"));
    EXPECT_FALSE(rights.subscribe("$SYS/#"));
    EXPECT_FALSE(rights.subscribe("ward/#/x"));
    EXPECT_FALSE(rights.subscribe(""));
}

TEST(Rights, TakeASharedSubscriptionForItsFilter) {
    const Rights rights = Policy(hospital()).rights("nurse", {"clinician"});
    EXPECT_TRUE(rights.subscribe("$share/screens/ward/#"));
    EXPECT_FALSE(rights.subscribe("$share/screens/#"));
    EXPECT_FALSE(rights.subscribe("$share/screens/"));
    EXPECT_FALSE(rights.subscribe("$share/+/ward/#"));
    EXPECT_FALSE(rights.subscribe("$share/a/$share/b/ward/#"));
}

TEST(Rights, DeliverWhatDeliverSaysEvenIfMoreIsSubscribed) {
    const Rights rights = Policy(hospital()).rights("nurse", {"clinician"});
    EXPECT_TRUE(rights.deliver("ward/3/vitals/pulse"));
    EXPECT_FALSE(rights.deliver("ward/3/notes"));
}

TEST(Rights, PreferTheRuleThatLetsThePayloadTravelInClear) {
    Acl acl;
    acl.roles["both"] = {{rule("a/#"), rule("a/b", true)}, {rule("a/#")}, {rule("a/+"), rule("a/b", true)}};
    const Rights rights = Policy(acl).rights("x", {"both"});
    EXPECT_TRUE(rights.publish("a/b").clear);
    EXPECT_EQ(rights.publish("a/b").rule->pattern, "a/b");
    EXPECT_FALSE(rights.publish("a/c").clear);
    EXPECT_TRUE(rights.deliver("a/b").clear);
    EXPECT_FALSE(rights.deliver("a/c").clear);
}

TEST(Rights, GrantNothingUnderWhatIsNoTopic) {
    Acl acl;
    acl.roles["all"] = {{rule("#")}, {rule("#")}, {rule("#")}};
    const Rights rights = Policy(acl).rights("x", {"all"});
    for (const std::string_view topic : {"", "a/+", "#", "a/\xFF"}) {
        EXPECT_EQ(rights.publish(topic).refusal, Refusal::publish_not_allowed) << testing::PrintToString(topic);
        EXPECT_EQ(rights.deliver(topic).refusal, Refusal::deliver_not_allowed) << testing::PrintToString(topic);
    }
}

}  // namespace
}  // namespace reseal::policy
