// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "config/config.h"

namespace reseal::config {
namespace {

using policy::Acl;
using policy::Rule;

std::string acl_fault(std::string_view yaml) {
    const Checked<Acl> acl = parse_acl(yaml, "acl.yaml");
    return acl ? "" : acl.error().text();
}

// The Fault of `grants` under the role "nurse". They begin in line 4.
std::string acl_fault_with(std::string_view grants) {
    return acl_fault("version: 1\nroles:\n  nurse:\n" + std::string(grants));
}

std::string fault_of_pattern(const std::string& pattern) {
    return acl_fault_with("    publish: [\"" + pattern + "\"]\n");
}

policy::Grants nurse(const std::string& grants) {
    const Checked<Acl> acl = parse_acl("version: 1\nroles:\n  nurse:\n" + grants, "acl.yaml");
    EXPECT_TRUE(acl) << acl.error().text();
    return acl ? acl->roles.at("nurse") : policy::Grants{};
}

std::string in_words(const std::vector<Rule>& rules) {
    std::string out;
    for (const Rule& rule : rules) {
        out.append(rule.pattern).append(rule.clear ? " clear" : "");
        out.append(" (").append(rule.origin.key).append(" in line ").append(std::to_string(rule.origin.line));
        out.append(")\n");
    }
    return out;
}

TEST(ParseAcl, KeepsTheLineOfEachRule) {
    const policy::Grants grants = nurse(
        "    publish:\n"
        "      - ward/{id}/#\n"
        "      - topic: legacy/{id}/#\n"
        "        clear: true\n"
        "      - {topic: x, clear: false}\n");
    EXPECT_EQ(in_words(grants.publish),
              "ward/{id}/# (roles.nurse.publish[0] in line 5)\n"
              "legacy/{id}/# clear (roles.nurse.publish[1] in line 6)\n"
              "x (roles.nurse.publish[2] in line 8)\n");
}

// yaml-cpp takes a last line without its colon for a key.
TEST(ParseAcl, NeedsTheColonOfEachKey) {
    EXPECT_NE(acl_fault("version: 1\nroles:\n  nurse\n"), "");
    EXPECT_NE(acl_fault_with("    publish: [a]\n    deny\n"), "");
    EXPECT_NE(acl_fault_with("    deny\n    publish: [a]\n"), "");
}

TEST(ParseAcl, LetsABridgeForwardSealedMessages) {
    const policy::Grants grants = nurse("    forward: [a/#, {topic: b}]\n");
    EXPECT_EQ(in_words(grants.forward),
              "a/# (roles.nurse.forward[0] in line 4)\n"
              "b (roles.nurse.forward[1] in line 4)\n");
    EXPECT_EQ(
        acl_fault_with("    forward: [a, {topic: b, clear: true}]\n"),
        "acl.yaml:4: roles.nurse.forward[1]: 'clear' is not a known key; the keys here are topic, realm, expires");
}

TEST(ParseAcl, NamesTheRealmOfTheOtherBroker) {
    const policy::Grants grants = nurse("    forward: [a/#, {topic: b, realm: wing-b}]\n");
    EXPECT_EQ(grants.forward[0].realm, "");
    EXPECT_EQ(grants.forward[1].realm, "wing-b");
    EXPECT_EQ(
        acl_fault_with("    forward: [{topic: b, realm: wing b}]\n"),
        "acl.yaml:4: roles.nurse.forward[0].realm: 'wing b' is not a valid realm name; write the realm of the other "
        "broker, as its reseal.yaml names it");
}

TEST(ParseAcl, LetsARoleSkipTheProofOfItsKey) {
    EXPECT_FALSE(nurse("    publish: [a]\n").certificate_only);
    EXPECT_TRUE(nurse("    publish: [a]\n    certificate_only: true\n").certificate_only);
}

TEST(ParseAcl, DefaultsDeliverToSubscribe) {
    const policy::Grants grants = nurse("    subscribe: [a/#, {topic: b, clear: true}]\n");
    EXPECT_EQ(in_words(grants.deliver),
              "a/# (roles.nurse.subscribe[0] in line 4)\n"
              "b clear (roles.nurse.subscribe[1] in line 4)\n");
}

TEST(ParseAcl, UsesDeliverIfItIsGiven) {
    const policy::Grants grants = nurse("    subscribe: [\"a/#\"]\n    deliver: [a/b]\n");
    EXPECT_EQ(in_words(grants.subscribe), "a/# (roles.nurse.subscribe[0] in line 4)\n");
    EXPECT_EQ(in_words(grants.deliver), "a/b (roles.nurse.deliver[0] in line 5)\n");
}

TEST(ParseAcl, DeliversNothingIfDeliverIsEmpty) {
    EXPECT_TRUE(nurse("    subscribe: [\"a/#\"]\n    deliver: []\n").deliver.empty());
}

TEST(ParseAcl, AcceptsPrincipalsWithoutRolesAndRolesWithoutPrincipals) {
    const Checked<Acl> acl = parse_acl("version: 1\nprincipals:\n  desk-1:\n    subscribe: [a]\n", "/etc/acl.yaml");
    ASSERT_TRUE(acl) << acl.error().text();
    EXPECT_EQ(acl->file, "/etc/acl.yaml");
    EXPECT_EQ(acl->principals.at("desk-1").subscribe.at(0).origin.key, "principals.desk-1.subscribe[0]");
    EXPECT_TRUE(acl->roles.empty());
    EXPECT_EQ(acl_fault("version: 1\nroles: {nurse: {publish: [a]}}\n"), "");
}

TEST(ParseAcl, AcceptsAPlaceholderAnywhereInALevel) {
    EXPECT_EQ(fault_of_pattern("ward/bed-{id}/{id}.{id}/#"), "");
    EXPECT_EQ(fault_of_pattern("{id}"), "");
    EXPECT_EQ(fault_of_pattern("$SYS/broker/+"), "");
}

TEST(ParseAcl, RefusesAnAclThatGrantsNobodyAnything) {
    EXPECT_EQ(acl_fault("version: 1\n"),
              "acl.yaml:1: nobody is granted anything; write at least one role or principal");
    EXPECT_EQ(acl_fault("version: 1\nroles: {}\nprincipals: {}\n"),
              "acl.yaml:1: nobody is granted anything; write at least one role or principal");
}

TEST(ParseAcl, RefusesAMissingOrUnknownVersion) {
    EXPECT_EQ(acl_fault("roles: {nurse: {publish: [a]}}\n"), "acl.yaml: version: the key is missing; write version: 1");
    EXPECT_EQ(acl_fault("version: one\nroles: {nurse: {publish: [a]}}\n"),
              "acl.yaml:1: version: 'one' is not a version that this program knows; write version: 1");
}

TEST(ParseAcl, RefusesUnknownKeys) {
    EXPECT_EQ(acl_fault("version: 1\nrole: {}\n"), "acl.yaml:2: 'role' is not a known key; did you mean 'roles'?");
    EXPECT_EQ(acl_fault("version: 1\nusers: {}\n"),
              "acl.yaml:2: 'users' is not a known key; the keys here are version, roles, principals, "
              "wide_subscriptions");
    EXPECT_EQ(acl_fault_with("    publish: [a]\n    subscribes: [b]\n"),
              "acl.yaml:5: roles.nurse: 'subscribes' is not a known key; did you mean 'subscribe'?");
    EXPECT_EQ(acl_fault_with("    publish:\n      - topic: a\n        cleer: true\n"),
              "acl.yaml:6: roles.nurse.publish[0]: 'cleer' is not a known key; did you mean 'clear'?");
}

TEST(ParseAcl, RefusesRepeatedKeys) {
    EXPECT_EQ(acl_fault_with("    publish: [a]\n  nurse:\n    publish: [b]\n"),
              "acl.yaml:5: roles.nurse: the key was written before, in line 3; write each key once");
    EXPECT_EQ(acl_fault_with("    publish: [a]\n    publish: [b]\n"),
              "acl.yaml:5: roles.nurse.publish: the key was written before, in line 4; write each key once");
    EXPECT_EQ(acl_fault_with("    publish: [{topic: a, topic: b}]\n"),
              "acl.yaml:4: roles.nurse.publish[0].topic: the key was written before, in line 4; write each key once");
}

TEST(ParseAcl, RefusesMalformedNames) {
    const std::string remedy = "; write 1 to 64 of A-Z a-z 0-9 . _ -";
    EXPECT_EQ(acl_fault("version: 1\nroles:\n  night nurse:\n    publish: [a]\n"),
              "acl.yaml:3: roles: 'night nurse' is not a valid role name" + remedy);
    EXPECT_EQ(acl_fault("version: 1\nprincipals:\n  \"a/+\\n\": {publish: [a]}\n"),
              "acl.yaml:3: principals: 'a/+\\x0a' is not a valid principal name" + remedy);
    EXPECT_EQ(acl_fault("version: 1\nroles:\n  \"\": {publish: [a]}\n"),
              "acl.yaml:3: roles: '' is not a valid role name" + remedy);
    EXPECT_EQ(acl_fault("version: 1\nroles:\n  " + std::string(65, 'x') + ": {publish: [a]}\n"),
              "acl.yaml:3: roles: '" + std::string(60, 'x') + "'... is not a valid role name" + remedy);
}

TEST(ParseAcl, RefusesHoldersThatAreNotMaps) {
    EXPECT_EQ(acl_fault("version: 1\nroles: [nurse]\n"),
              "acl.yaml:2: roles: this is a list; write the name of a role and under it what it is granted");
    EXPECT_EQ(acl_fault("version: 1\nroles: {a: {}}\nprincipals:\n"),
              "acl.yaml:3: principals: the value is missing; write the name of a principal and under it what it is "
              "granted");
    EXPECT_EQ(acl_fault("version: 1\nroles:\n  nurse:\n  doctor:\n"),
              "acl.yaml:3: roles.nurse: the value is missing; write KEY: VALUE, with the keys publish, subscribe, "
              "deliver, forward, deny, certificate_only");
    EXPECT_EQ(acl_fault("version: 1\nroles:\n  nurse: ward/#\n"),
              "acl.yaml:3: roles.nurse: 'ward/#' is not a map; write KEY: VALUE, with the keys publish, subscribe, "
              "deliver, forward, deny, certificate_only");
}

TEST(ParseAcl, RefusesRulesThatAreNotAList) {
    const std::string remedy = "; write a list of topic filters, as in [\"ward/{id}/#\"]";
    EXPECT_EQ(acl_fault_with("    publish: ward/#\n"),
              "acl.yaml:4: roles.nurse.publish: 'ward/#' is not a list" + remedy);
    EXPECT_EQ(acl_fault_with("    subscribe: {topic: a}\n"),
              "acl.yaml:4: roles.nurse.subscribe: this is a map" + remedy);
    EXPECT_EQ(acl_fault_with("    deliver:\n"), "acl.yaml:4: roles.nurse.deliver: the value is missing" + remedy);
}

TEST(ParseAcl, RefusesAPatternThatIsNotATopicFilter) {
    const std::string begin = "acl.yaml:4: roles.nurse.publish[0]: ";
    EXPECT_EQ(fault_of_pattern("ward/#/x"), begin + "'ward/#/x' is not a topic filter; '#' may stand only at the end");
    EXPECT_EQ(fault_of_pattern("ward/{id}+/x"),
              begin + "'ward/{id}+/x' is not a topic filter; '+' must fill a whole level, as in 'ward/+/pulse'");
    EXPECT_EQ(fault_of_pattern("ward/x\\0"), begin + "'ward/x\\x00' is not a topic filter; leave out the NUL");
    EXPECT_EQ(fault_of_pattern("$share/desk/ward/#"),
              begin +
                  "'$share/desk/ward/#' is not a topic filter; leave out '$share/GROUP/': the filter after it covers "
                  "shared subscriptions, too");
    EXPECT_EQ(fault_of_pattern(""), begin + "the text is empty; write a topic filter, as in \"ward/{id}/#\"");
}

TEST(ParseAcl, RefusesAPatternThatIsTooLongForSomeName) {
    EXPECT_EQ(fault_of_pattern("{id}" + std::string(65535 - 64, 'x')), "");
    EXPECT_EQ(fault_of_pattern("{id}" + std::string(65536 - 64, 'x')),
              "acl.yaml:4: roles.nurse.publish[0]: '{id}" + std::string(56, 'x') +
                  "'... is not a topic filter; write at most 65535 bytes");
}

TEST(ParseAcl, RefusesBracesThatAreNotAPlaceholder) {
    for (const std::string pattern : {"ward/{{id}}/#", "ward/{id/#", "ward/id}/#", "ward/{}/#"}) {
        EXPECT_EQ(fault_of_pattern(pattern),
                  "acl.yaml:4: roles.nurse.publish[0]: '" + pattern +
                      "' is not a topic filter; write a placeholder as {id}, {role}, {cn} or {ATTRIBUTE}, and no other "
                      "braces");
    }
}

TEST(ParseAcl, RefusesAPlaceholderWithoutAValueForAnybody) {
    EXPECT_EQ(fault_of_pattern("x/{role}/{cn}"), "");
    EXPECT_EQ(fault_of_pattern("x/{ward}"),
              "acl.yaml:4: roles.nurse.publish[0]: 'x/{ward}': {ward} has no value here; write it under "
              "attributes of the principals that need it");
    const std::string principals = "principals:\n  desk:\n    attributes: {ward: icu-2}\n    publish: [\"x/{ward}\"]\n";
    EXPECT_EQ(acl_fault_with("    deny: {publish: [\"x/{ward}\"]}\n" + principals), "");
    EXPECT_EQ(acl_fault_with("    deny: {publish: [\"x/{wards}\"]}\n" + principals),
              "acl.yaml:4: roles.nurse.deny.publish[0]: 'x/{wards}': {wards} has no value here; did you mean "
              "{ward}?");
    EXPECT_EQ(acl_fault("version: 1\n" + principals + "  other: {subscribe: [\"{ward}\"]}\n"),
              "acl.yaml:6: principals.other.subscribe[0]: '{ward}': {ward} has no value here; write it under "
              "attributes of the principals that need it");
    EXPECT_EQ(acl_fault("version: 1\nprincipals: {x: {subscribe: [\"{role}\"]}}\n"),
              "acl.yaml:2: principals.x.subscribe[0]: '{role}': {role} has no value here; write it under "
              "attributes of the principals that need it");
}

TEST(ParseAcl, ReportsAMultiLinePlaceholderWithoutAValueOnOneLine) {
    EXPECT_EQ(fault_of_pattern(R"(x/{ward\nroom})"),
              R"(acl.yaml:4: roles.nurse.publish[0]: 'x/{ward\x0aroom}': {ward\x0aroom} has no value here; )"
              "write it under attributes of the principals that need it");
}

TEST(ParseAcl, ReadsAttributesOfAPrincipal) {
    const Checked<Acl> acl = parse_acl("version: 1\nprincipals: {x: {attributes: {ward: icu 2, bed: \"7\"}}}\n", "f");
    ASSERT_TRUE(acl) << acl.error().text();
    EXPECT_EQ(acl->attributes.at("x"), (std::map<std::string, std::string>{{"ward", "icu 2"}, {"bed", "7"}}));
}

TEST(ParseAcl, RefusesAnAttributeThatCouldAddALevelOrAWildcard) {
    for (const std::string value : {"a/b", "+", "x#", "$SYS"}) {
        EXPECT_EQ(acl_fault("version: 1\nprincipals:\n  x:\n    attributes:\n      ward: \"" + value + "\"\n"),
                  "acl.yaml:5: principals.x.attributes.ward: '" + value +
                      "' cannot be part of a topic; write 1 to 64 bytes without '/', '+', '#' or NUL, and without a "
                      "leading '$': it replaces part of a level");
    }
    EXPECT_EQ(
        acl_fault("version: 1\nprincipals: {x: {attributes: {id: a}}}\n"),
        "acl.yaml:2: principals.x.attributes: 'id' is not a valid attribute name; write 1 to 64 of A-Z a-z 0-9 . _ "
        "-, but not id, role or cn, which are reserved");
}

TEST(ParseAcl, ReadsLimits) {
    const policy::Grants grants = nurse(
        "    publish: [{topic: a, qos: 1, retain: false, max_payload: 100, expires: 2027-01-15T08:00:00Z}]\n"
        "    subscribe: [{topic: b, qos: 0, max_payload: 5}]\n");
    const policy::Limits& limits = grants.publish.at(0).limits;
    EXPECT_EQ(limits.qos, 1);
    EXPECT_EQ(limits.retain, policy::Retain::never);
    EXPECT_EQ(limits.max_payload, 100U);
    EXPECT_EQ(limits.expires, 1'800'000'000);
    EXPECT_EQ(grants.subscribe.at(0).limits.qos, 0);
    EXPECT_EQ(grants.deliver.at(0).limits.max_payload, 5U);
}

TEST(ParseAcl, ReadsWhereTheRetainFlagIsHonoured) {
    const policy::Grants grants = nurse("    publish: [a, {topic: b, retain: true}, {topic: c, retain: always}]\n");
    EXPECT_EQ(grants.publish.at(0).limits.retain, policy::Retain::guarded);
    EXPECT_EQ(grants.publish.at(1).limits.retain, policy::Retain::guarded);
    EXPECT_EQ(grants.publish.at(2).limits.retain, policy::Retain::always);
}

TEST(ParseAcl, RefusesMeaninglessLimits) {
    EXPECT_EQ(acl_fault_with("    publish: [{topic: a, qos: 3}]\n"),
              "acl.yaml:4: roles.nurse.publish[0].qos: '3' is out of range; write a number from 0 to 2");
    EXPECT_EQ(acl_fault_with("    publish: [{topic: a, expires: tomorrow}]\n"),
              "acl.yaml:4: roles.nurse.publish[0].expires: 'tomorrow' is not a time; write date, time and zone, as in "
              "2027-01-31T18:00:00Z");
    EXPECT_EQ(acl_fault_with("    subscribe: [{topic: a, retain: true}]\n"),
              "acl.yaml:4: roles.nurse.subscribe[0]: 'retain' is not a known key; the keys here are topic, clear, qos, "
              "max_payload, expires");
    EXPECT_EQ(
        acl_fault_with("    subscribe: [{topic: a, max_payload: 1}]\n    deliver: [a]\n"),
        "acl.yaml:4: roles.nurse.subscribe[0].max_payload: max_payload has no effect here, because deliver is given; "
        "write it under deliver");
}

TEST(ParseAcl, ReadsDenials) {
    const policy::Grants grants = nurse("    publish: [a]\n    deny:\n      publish: [a/b]\n      subscribe: [c/#]\n");
    EXPECT_EQ(in_words(grants.deny.publish), "a/b (roles.nurse.deny.publish[0] in line 6)\n");
    EXPECT_EQ(in_words(grants.deny.deliver), "c/# (roles.nurse.deny.subscribe[0] in line 7)\n");
    EXPECT_EQ(
        acl_fault_with("    deny: {forward: [a]}\n"),
        "acl.yaml:4: roles.nurse.deny: 'forward' is not a known key; the keys here are publish, subscribe, deliver");
    EXPECT_EQ(acl_fault_with("    deny: {publish: [{topic: a, expires: 2027-01-15T08:00:00Z}]}\n"),
              "acl.yaml:4: roles.nurse.deny.publish[0]: 'expires' is not a known key; the keys here are topic");
}

TEST(ParseAcl, ReadsHowToTreatWideSubscriptions) {
    const std::string roles = "version: 1\nroles: {nurse: {publish: [a]}}\n";
    EXPECT_FALSE(parse_acl(roles, "f")->narrow);
    EXPECT_FALSE(parse_acl(roles + "wide_subscriptions: refuse\n", "f")->narrow);
    EXPECT_TRUE(parse_acl(roles + "wide_subscriptions: narrow\n", "f")->narrow);
    EXPECT_EQ(acl_fault(roles + "wide_subscriptions: cut\n"),
              "acl.yaml:3: wide_subscriptions: 'cut' is neither refuse nor narrow; write refuse or narrow");
}

TEST(ParseAcl, RefusesARuleThatIsNotAPattern) {
    const std::string remedy = "; write a topic filter, as in \"ward/{id}/#\"";
    EXPECT_EQ(acl_fault_with("    publish:\n      - [a]\n"),
              "acl.yaml:5: roles.nurse.publish[0]: this is a list" + remedy);
    EXPECT_EQ(acl_fault_with("    publish:\n      -\n"),
              "acl.yaml:5: roles.nurse.publish[0]: the value is missing" + remedy);
    EXPECT_EQ(acl_fault_with("    publish:\n      - clear: true\n"),
              "acl.yaml:5: roles.nurse.publish[0].topic: the key is missing; write topic: with a topic filter");
    EXPECT_EQ(acl_fault_with("    publish:\n      - clear: true\n        topic: a/#/b\n"),
              "acl.yaml:6: roles.nurse.publish[0].topic: 'a/#/b' is not a topic filter; '#' may stand only at the end");
    EXPECT_EQ(acl_fault_with("    publish:\n      - topic: a\n        clear: yes\n"),
              "acl.yaml:6: roles.nurse.publish[0].clear: 'yes' is neither true nor false; write true or false, without "
              "quotes");
}

TEST(ParseAcl, RefusesAClearSubscriptionThatDeliverOverrules) {
    EXPECT_EQ(
        acl_fault_with("    subscribe:\n      - topic: a\n        clear: true\n    deliver: [a]\n"),
        "acl.yaml:6: roles.nurse.subscribe[0].clear: clear has no effect here, because deliver is given; write it "
        "under deliver");
    EXPECT_EQ(acl_fault_with("    subscribe: [{topic: a, clear: false}, b]\n    deliver: [{topic: a, clear: true}]\n"),
              "");
}

TEST(ParseAcl, RefusesMoreThanEightMebibytes) {
    const std::string yaml = "version: 1\nroles: {nurse: {publish: [a]}}\n";
    const std::string padding((8U << 20U) - yaml.size(), '#');
    EXPECT_EQ(acl_fault(yaml + padding), "");
    EXPECT_EQ(acl_fault(yaml + padding + "#"), "acl.yaml: the file has 8388609 bytes; write at most 8388608");
}

}  // namespace
}  // namespace reseal::config
