// SPDX-License-Identifier: Apache-2.0
// What acl.yaml grants, denies and limits, as clients of a real broker see it.
#include <array>
#include <ctime>

#include "harness/ward.h"

namespace harness {
namespace {

class Rights : public Ward {
  protected:
    void use(const std::string& acl) {
        site.write_acl("version: 1\n" + acl);
        broker.reload();
        ASSERT_TRUE(broker.logs("reloaded")) << broker.log();
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(clinician.connect(), 0);
    }
    int publish(const std::string& topic, const std::string& text, int qos = 1, bool retain = false) {
        return pico.publish(topic, device.seal(topic, text), qos, retain);
    }
    // The next message that the clinician gets, "TOPIC TEXT"; empty if none comes.
    std::string received() {
        const auto message = clinician.receive();
        return message ? message->topic + " " + clinic.open(message->topic, message->payload) : "";
    }
    // "rule="FILE:LINE: KEY"" as a line of the log has it.
    std::string rule(int line, const std::string& key) const {
        return "rule=\"" + site.path("acl.yaml") + ":" + std::to_string(line) + ": " + key + "\"";
    }

    Broker broker{site};
    Device device{site, "pico1"};
    Client pico{site, broker, "pico1"};
    Client clinician{site, broker, "clinician"};
    Application clinic{site, "clinician"};
};

TEST_F(Rights, ApplyDenialsFirst) {
    use(R"(roles:
  wearable:
    publish: ["ward/{id}/#"]
    deny:
      publish: ["ward/+/dose"]
  clinician: {subscribe: ["ward/#"]}
principals:
  pico1: {publish: ["ward/pico1/dose"]}
)");
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    EXPECT_EQ(publish("ward/pico1/dose", "5"), not_authorised);
    EXPECT_TRUE(broker.logs("refused publish: reason=denied principal=\"pico1\""));
    EXPECT_TRUE(broker.logs(rule(6, "roles.wearable.deny.publish[0]"))) << broker.log();
    EXPECT_EQ(publish("ward/pico1/pulse", "72"), 0);
    EXPECT_EQ(received(), "ward/pico1/pulse 72");
}

TEST_F(Rights, HoldAMessageToTheLimitsOfItsRule) {
    use(R"(roles:
  wearable:
    publish: [{topic: "ward/{id}/#", qos: 1, retain: false, max_payload: 10}]
  clinician: {subscribe: [{topic: "ward/#", qos: 1}]}
)");
    EXPECT_EQ(clinician.subscribe("ward/#", 2), not_authorised);
    EXPECT_TRUE(broker.logs("refused subscribe: reason=qos_not_allowed"));
    ASSERT_EQ(clinician.subscribe("ward/#", 1), 1);
    EXPECT_EQ(publish("ward/pico1/a", "1", 2), not_authorised);
    EXPECT_TRUE(broker.logs("reason=qos_not_allowed principal=\"pico1\""));
    EXPECT_EQ(publish("ward/pico1/a", "2", 1, true), not_authorised);
    EXPECT_TRUE(broker.logs("reason=retain_not_allowed principal=\"pico1\""));
    EXPECT_EQ(publish("ward/pico1/a", "12345678901"), not_authorised);
    EXPECT_TRUE(broker.logs("reason=payload_not_allowed principal=\"pico1\""));
    EXPECT_TRUE(broker.logs(rule(4, "roles.wearable.publish[0]"))) << broker.log();
    EXPECT_EQ(publish("ward/pico1/a", "1234567890"), 0);
    EXPECT_EQ(received(), "ward/pico1/a 1234567890");
}

constexpr const char* two_wards = R"(roles:
  wearable: {publish: ["ward/{id}/#"]}
  clinician:
    subscribe: ["ward/+/pulse", "ward/+/ecg", "ward/pico1"]
    deny: {subscribe: ["ward/pico2/ecg"]}
)";

TEST_F(Rights, RefuseASubscriptionBeyondTheGrant) {
    use(two_wards);
    EXPECT_EQ(clinician.subscribe("ward/#"), not_authorised);
    EXPECT_TRUE(broker.logs("refused subscribe: reason=filter_too_wide principal=\"clinician\""));
    EXPECT_EQ(clinician.subscribe("ward/+/ecg"), not_authorised);
    EXPECT_TRUE(broker.logs(rule(6, "roles.clinician.deny.subscribe[0]"))) << broker.log();
    EXPECT_EQ(clinician.subscribe("ward/pico1/ecg"), 1);
    EXPECT_EQ(publish("ward/pico1/ecg", "x"), 0);
    EXPECT_EQ(received(), "ward/pico1/ecg x");
}

TEST_F(Rights, NarrowASubscriptionAtDeliveryIfTheAclSaysSo) {
    use(std::string("wide_subscriptions: narrow\n") + two_wards);
    EXPECT_EQ(clinician.subscribe("commands/#"), not_authorised);
    ASSERT_EQ(clinician.subscribe("#"), 1);
    Client other(site, broker, "pico2");
    Device second(site, "pico2");
    ASSERT_EQ(other.connect(), 0);
    EXPECT_EQ(other.publish("ward/pico2/ecg", second.seal("ward/pico2/ecg", "denied")), 0);
    EXPECT_EQ(publish("ward/pico1/notes", "not granted"), 0);
    EXPECT_EQ(other.publish("ward/pico2/pulse", second.seal("ward/pico2/pulse", "72")), 0);
    EXPECT_EQ(received(), "ward/pico2/pulse 72");
    EXPECT_TRUE(broker.logs("refused deliver: reason=denied principal=\"clinician\""));
    EXPECT_TRUE(broker.logs("refused deliver: reason=deliver_not_allowed principal=\"clinician\""));
}

std::string in_rfc3339(std::time_t time) {
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

TEST_F(Rights, EndWithTheirGrant) {
    const std::time_t end = std::time(nullptr) + 4;
    use(R"(roles:
  wearable: {publish: ["ward/{id}/#"]}
  clinician:
    subscribe: [{topic: "ward/#", expires: )" +
        in_rfc3339(end) + "}]\n");
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    ASSERT_EQ(publish("ward/pico1/a", "before"), 0);
    EXPECT_EQ(received(), "ward/pico1/a before");
    // Publishes until the right is gone. Each attempt is delivered or refused, and the log shows each refusal.
    const std::string refused = "refused deliver: reason=grant_expired principal=\"clinician\"";
    while (broker.log().find(refused) == std::string::npos) {
        ASSERT_LT(std::time(nullptr), end + 10) << broker.log();
        ASSERT_EQ(publish("ward/pico1/a", "again"), 0);
    }
    EXPECT_GE(std::time(nullptr), end);
    EXPECT_TRUE(broker.logs(rule(5, "roles.clinician.subscribe[0]"))) << broker.log();
    EXPECT_EQ(clinician.subscribe("ward/pico1/a"), not_authorised);
    EXPECT_TRUE(broker.logs("refused subscribe: reason=grant_expired"));
}

TEST_F(Rights, KnowAttributesAndTheCertificatesCommonName) {
    use(R"(roles:
  wearable: {publish: ["ward/{ward}/{cn}/#"]}
  clinician: {subscribe: ["#"]}
principals:
  pico1: {attributes: {ward: icu-2}}
)");
    EXPECT_EQ(publish("ward/icu-2/pico1/a", "1"), 0);
    EXPECT_EQ(publish("ward/icu-3/pico1/a", "1"), not_authorised);
    EXPECT_EQ(publish("ward/icu-2/pico2/a", "1"), not_authorised);
}

}  // namespace
}  // namespace harness
