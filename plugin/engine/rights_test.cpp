// SPDX-License-Identifier: Apache-2.0
// What the engine tells the policy about a message, and what it says of a refusal.
#include "engine/engine_fixture.h"

namespace reseal::engine::test {
namespace {

class RightsTest : public EngineTest {
  protected:
    void use(const policy::Acl& acl) { engine_->reconfigure(policy::Policy(acl), {.max_payload = 1000}); }
    static policy::Rule rule(std::string pattern, policy::Limits limits = {}) {
        return {.pattern = std::move(pattern), .clear = false, .origin = {7, "roles.test"}, .limits = limits};
    }
    [[nodiscard]] bool logged(const std::string& text) const { return log_.find(text) != std::string::npos; }
};

TEST_F(RightsTest, LimitsApplyToTheSizeBeforeSealing) {
    policy::Acl acl;
    acl.file = "acl.yaml";
    acl.roles["wearable"].publish = {
        rule("ward/{id}/#", {.qos = 1, .retain = policy::Retain::never, .max_payload = 3})};
    use(acl);
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("123");
    EXPECT_EQ(worker_->publish(pico, {topic, message, 2}).refusal, Refusal::qos_not_allowed);
    EXPECT_EQ(worker_->publish(pico, {topic, message, 0, true}).refusal, Refusal::retain_not_allowed);
    EXPECT_EQ(publish(pico, device.seal("1234")), Refusal::payload_not_allowed);
    EXPECT_TRUE(logged("reason=payload_not_allowed")) << log_;
    EXPECT_TRUE(logged("rule=\"acl.yaml:7: roles.test\"")) << log_;
    EXPECT_EQ(worker_->publish(pico, {topic, message, 1}).refusal, Refusal::none);
}

TEST_F(RightsTest, OfTheSealerApplyToBridgedMessages) {
    policy::Acl acl;
    acl.file = "acl.yaml";
    acl.roles["wearable"].publish = {rule("ward/{id}/#", {.retain = policy::Retain::never})};
    acl.roles["bridge"].forward = {rule("ward/#")};
    use(acl);
    const SessionId bridge = session("bridge");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(worker_->publish(bridge, {topic, message, 0, true}).refusal, Refusal::retain_not_allowed);
    EXPECT_EQ(worker_->publish_bridged("other", {topic, message, 0, true}).refusal, Refusal::retain_not_allowed);
    EXPECT_TRUE(logged("refused bridge: reason=retain_not_allowed")) << log_;
    EXPECT_FALSE(worker_->may_stay_retained("", {topic, message}));
    EXPECT_EQ(worker_->publish(bridge, {topic, message}).refusal, Refusal::none);
}

TEST_F(RightsTest, ExpireForLiveSessions) {
    policy::Acl acl;
    acl.roles["wearable"].publish = {rule("ward/{id}/#", {.expires = now + 10})};
    use(acl);
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    EXPECT_EQ(publish(pico, device.seal("72")), Refusal::none);
    EXPECT_TRUE(refresh(now + 10).empty());
    EXPECT_EQ(publish(pico, device.seal("72")), Refusal::grant_expired);
}

TEST_F(RightsTest, OfANewAclApplyToTheLastCheckedTopicToo) {
    policy::Acl acl;
    acl.roles["wearable"].publish = {rule("ward/{id}/#")};
    acl.roles["clinician"].deliver = {rule("ward/#")};
    use(acl);
    const SessionId pico = session("pico");
    const SessionId clinician = session("nurse");
    const auto message = Endpoint(credentials("pico")).seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    EXPECT_EQ(may_deliver(clinician, topic, message, Occasion::stored), Refusal::none);
    acl.roles["clinician"].deliver = {rule("lab/#")};
    use(acl);
    EXPECT_EQ(may_deliver(clinician, topic, message, Occasion::stored), Refusal::deliver_not_allowed);
}

TEST_F(RightsTest, OfNewSettingsApplyToTheLastCheckedTopicToo) {
    const SessionId pico = session("pico");
    const std::vector<std::uint8_t> in_clear{'7', '2'};
    EXPECT_EQ(publish(pico, in_clear), Refusal::not_sealed);
    policy::Acl acl;
    acl.roles["wearable"].publish = {rule("ward/{id}/#")};
    engine_->reconfigure(policy::Policy(acl), {.max_payload = 1000, .unsealed_topics = {"ward/#"}});
    EXPECT_EQ(publish(pico, in_clear), Refusal::none);
    use(acl);
    EXPECT_EQ(publish(pico, in_clear), Refusal::not_sealed);
}

TEST_F(RightsTest, KnowTheCommonNameOfTheConnectionsCertificate) {
    policy::Acl acl;
    acl.roles["wearable"].publish = {rule("ward/{cn}/#")};
    use(acl);
    Peer named = peer("pico");
    named.certificate->common_name = "pico";
    const SessionId pico = worker_->connect(named, now).session;
    ASSERT_TRUE(pico);
    Endpoint device(credentials("pico"));
    EXPECT_EQ(publish(pico, device.seal("72")), Refusal::none);
    use(acl);
    EXPECT_EQ(publish(pico, device.seal("72")), Refusal::none) << "after a reload, too";
    EXPECT_EQ(publish(session("pico"), device.seal("72")), Refusal::publish_not_allowed) << "without a common name";
}

}  // namespace
}  // namespace reseal::engine::test
