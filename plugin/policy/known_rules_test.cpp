// SPDX-License-Identifier: Apache-2.0
// A fan-out asks for many principals about one topic. What it remembers of one must not change what another may do.
#include "policy/known_rules.h"

#include <gtest/gtest.h>

#include <random>

#include "policy/allocation_count.h"
#include "policy/policy.h"

namespace reseal::policy {
namespace {

Acl acl_of(const std::string& role, std::vector<std::string> granted, const std::vector<std::string>& denied = {}) {
    Acl acl;
    int line = 0;
    for (std::string& pattern : granted) {
        acl.roles[role].deliver.push_back({.pattern = std::move(pattern), .origin = {++line, ""}, .limits = {}});
    }
    for (const std::string& pattern : denied) {
        acl.roles[role].deny.deliver.push_back({.pattern = pattern, .origin = {++line, ""}, .limits = {}});
    }
    return acl;
}

// Asked with what the fan-out remembers, and without.
struct FanOut {
    explicit FanOut(std::string_view topic) : topic_(topic), asked_(topic, known_) {}

    Decision deliver(const Rights& rights) {
        const Decision alone = rights.deliver(topic_, {});
        const Decision remembered = rights.deliver(asked_, {});
        EXPECT_EQ(remembered.refusal, alone.refusal) << topic_;
        EXPECT_EQ(remembered.rule, alone.rule) << topic_;
        return remembered;
    }

  private:
    std::string_view topic_;
    KnownRules known_;
    AskedTopic asked_;
};

TEST(KnownRules, AreTheSameForEverybodyInARole) {
    const Policy policy(acl_of("clinician", {"ward/+/pulse"}));
    FanOut fan_out("ward/pump-7/pulse");
    for (const char* id : {"one", "other", "third"}) {
        EXPECT_TRUE(fan_out.deliver(policy.rights(id, {"clinician"})));
    }
    EXPECT_FALSE(fan_out.deliver(policy.rights("stranger", {})));
}

TEST(KnownRules, WithAPlaceholderAreEvaluatedForEachPrincipal) {
    const Policy policy(acl_of("device", {"commands/{id}/#"}));
    FanOut fan_out("commands/pump-7/dose");
    EXPECT_FALSE(fan_out.deliver(policy.rights("pump-8", {"device"})));
    EXPECT_TRUE(fan_out.deliver(policy.rights("pump-7", {"device"})));
    EXPECT_FALSE(fan_out.deliver(policy.rights("pump-8", {"device"})));
}

TEST(KnownRules, OfOneAclAreNotReusedForTheNext) {
    FanOut fan_out("ward/pump-7/pulse");
    for (int i = 0; i < 100; ++i) {  // the rules of the last may have lain where those of this one lie
        const bool granted = i % 3 == 0;
        const Rights rights =
            Policy(acl_of("clinician", {granted ? "ward/#" : "lab/#"})).rights("clinician", {"clinician"});
        EXPECT_EQ(static_cast<bool>(fan_out.deliver(rights)), granted);
    }
}

TEST(KnownRules, AllCountEvenBeyondTheCacheSize) {
    std::vector<std::string> granted(20, "lab/#");
    for (int i = 0; i < 20; ++i) {
        granted.emplace_back("ward/+/pulse");
    }
    Acl acl = acl_of("clinician", granted);
    acl.roles["clinician"].deliver.back().clear = true;
    const Policy policy(acl);
    FanOut fan_out("ward/pump-8/pulse");
    EXPECT_TRUE(fan_out.deliver(policy.rights("one", {"clinician"})).clear);
    EXPECT_TRUE(fan_out.deliver(policy.rights("other", {"clinician"})).clear) << "by the last rule";
}

TEST(KnownRules, NeverChangeADecision) {
    std::mt19937 random(7);
    const std::vector<std::string> levels{"a", "b", "+", "{id}", "{role}"};
    const auto pattern = [&] {
        std::string out = levels[random() % levels.size()];
        for (auto more = random() % 3; more > 0; --more) {
            out += "/" + levels[random() % levels.size()];
        }
        return random() % 4 == 0 ? out + "/#" : out;
    };
    for (int round = 0; round < 200; ++round) {
        Acl acl = acl_of("a", {pattern(), pattern(), pattern()}, {pattern()});
        acl.roles["b"] = acl_of("b", {pattern(), pattern()}).roles["b"];
        const Policy policy(acl);
        for (const char* topic : {"a", "a/b", "b/a", "a/a/b", "b/b/b"}) {
            FanOut fan_out(topic);
            for (const char* id : {"a", "b", "c", "a"}) {
                fan_out.deliver(policy.rights(id, {"a"}));
                fan_out.deliver(policy.rights(id, {"a", "b"}));
            }
        }
    }
}

TEST(KnownRules, AllocateNothing) {
    const Rights rights = Policy(acl_of("clinician", {"ward/#"})).rights("one", {"clinician"});
    KnownRules known;
    const AskedTopic asked("ward/pump-7/pulse", known);
    const std::size_t before = allocation_count();
    EXPECT_TRUE(rights.deliver(asked, {}));
    EXPECT_TRUE(rights.deliver(asked, {}));
    EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace reseal::policy
