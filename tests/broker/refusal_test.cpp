// SPDX-License-Identifier: Apache-2.0
// What is refused at PUBLISH, and the reason in the log. Nothing else is disturbed.
#include "harness/ward.h"

namespace harness {
namespace {

class Refusal : public Ward {
  protected:
    Broker broker{site};
    Device device{site, "pico1"};
    Client pico{site, broker, "pico1"};
    Client clinician{site, broker, "clinician"};
    Application clinic{site, "clinician"};

    void SetUp() override {
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(clinician.connect(), 0);
        ASSERT_EQ(clinician.subscribe("ward/#", 2), 2);
    }

    // Nothing is delivered, the log names the reason, and the next good message still passes.
    void expect_refused(const std::string& reason, const std::string& topic, const Bytes& payload) {
        EXPECT_EQ(pico.publish(topic, payload), not_authorised);
        EXPECT_TRUE(broker.logs("refused publish: reason=" + reason + " principal=\"pico1\"")) << broker.log();
        expect_undisturbed();
    }

    void expect_undisturbed() {
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, "fresh")), 0);
        const auto message = clinician.receive();
        ASSERT_TRUE(message);
        EXPECT_EQ(clinic.open(message->topic, message->payload), "fresh");
    }
};

TEST_F(Refusal, OfAFlippedBit) {
    Bytes message = device.seal(pulse_topic, reading);
    message.back() ^= 1;
    expect_refused("bad_tag", pulse_topic, message);
}

TEST_F(Refusal, OfAMessageMovedToAnotherTopic) {
    expect_refused("bad_tag", "ward/pico1/vitals/ecg", device.seal(pulse_topic, reading));
}

TEST_F(Refusal, OfAMessageSealedByAnotherDevice) {
    Device other(site, "pico2");
    expect_refused("foreign_key", pulse_topic, other.seal(pulse_topic, reading));
}

TEST_F(Refusal, OfAnUnknownKey) {
    Bytes message = device.seal(pulse_topic, reading);
    message[12] ^= 1;  // in the key id
    expect_refused("unknown_key", pulse_topic, message);
}

TEST_F(Refusal, OfAReflectedMessage) {
    ASSERT_EQ(pico.subscribe("commands/pico1/#"), 1);
    Device sender(site, "clinician");
    ASSERT_EQ(clinician.publish("commands/pico1/rate", sender.seal("commands/pico1/rate", "50")), 0);
    const auto command = pico.receive();
    ASSERT_TRUE(command);
    expect_refused("wrong_direction", pulse_topic, command->payload);
}

TEST_F(Refusal, OfAnEarlierEpoch) {
    const Bytes before = device.seal(pulse_topic, reading);
    Device restarted(site, "pico1");
    ASSERT_EQ(pico.publish(pulse_topic, restarted.seal(pulse_topic, "fresh")), 0);
    ASSERT_TRUE(clinician.receive());
    EXPECT_EQ(pico.publish(pulse_topic, before), not_authorised);
    EXPECT_TRUE(broker.logs("reason=stale_epoch"));
    EXPECT_TRUE(silent(clinician));
}

TEST_F(Refusal, OfPlainText) {
    expect_refused("not_sealed", pulse_topic, bytes(reading));
}

TEST_F(Refusal, OfAnEmptyUnsealedPayload) {
    expect_refused("not_sealed", pulse_topic, {});
}

TEST_F(Refusal, OfATruncatedMessage) {
    Bytes message = device.seal(pulse_topic, reading);
    message.pop_back();
    expect_refused("malformed", pulse_topic, message);
}

TEST_F(Refusal, OfATopicWithoutARight) {
    expect_refused("publish_not_allowed", "ward/pico2/vitals/pulse", device.seal("ward/pico2/vitals/pulse", reading));
}

TEST_F(Refusal, OfAnOversizedMessage) {
    site.set("max_payload", "1000");
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    expect_refused("oversized", pulse_topic, device.seal(pulse_topic, std::string(1001, 'x')));
}

// MQTT cannot distinguish the sender's own replay from a retransmission: it is acknowledged but not delivered.
TEST_F(Refusal, OfAReplay) {
    for (const int qos : {1, 2}) {
        const Bytes message = device.seal(pulse_topic, reading);
        ASSERT_EQ(pico.publish(pulse_topic, message, qos), 0);
        ASSERT_TRUE(clinician.receive());
        EXPECT_EQ(pico.publish(pulse_topic, message, qos), 0);
        EXPECT_TRUE(broker.logs("refused publish: reason=replay principal=\"pico1\""));
        EXPECT_TRUE(silent(clinician)) << "QoS " << qos;
        expect_undisturbed();
    }
}

TEST_F(Refusal, OfAReplayLeavesTheRetainedMessageAlone) {
    const Bytes first = device.seal(pulse_topic, "first");
    ASSERT_EQ(pico.publish(pulse_topic, first, 1, true), 0);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, "second"), 1, true), 0);
    EXPECT_EQ(pico.publish(pulse_topic, first, 1, true), 0);
    Client late(site, broker, "clinician", {.client_id = "clinician/late"});
    Application application(site, "clinician");
    ASSERT_EQ(late.connect(), 0);
    ASSERT_EQ(late.subscribe("ward/#"), 1);
    const auto message = late.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(application.open(message->topic, message->payload), "second");
}

TEST_F(Refusal, OfAReplayAtQoS0AndOverMqtt311) {
    Client old(site, broker, "pico1", {.client_id = "pico1/311", .version = MQTT_PROTOCOL_V311});
    ASSERT_EQ(old.connect(), 0);
    for (const int qos : {0, 1, 2}) {
        const Bytes message = device.seal(pulse_topic, reading);
        ASSERT_EQ(old.publish(pulse_topic, message, qos), 0);
        ASSERT_TRUE(clinician.receive());
        EXPECT_EQ(old.publish(pulse_topic, message, qos), 0);
        EXPECT_TRUE(silent(clinician)) << "QoS " << qos;
    }
}

TEST_F(Refusal, SaysNeitherPayloadNorKey) {
    ASSERT_EQ(pico.publish(pulse_topic, bytes(reading)), not_authorised);
    ASSERT_TRUE(broker.logs("reason=not_sealed"));
    EXPECT_EQ(broker.log().find("in-the-clear"), std::string::npos);
}

}  // namespace
}  // namespace harness
