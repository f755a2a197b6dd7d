// SPDX-License-Identifier: Apache-2.0
// Payloads in clear: only for principals whose ACL allows it, only over TLS or a named loopback listener, never in the
// store.
#include "harness/ward.h"

namespace harness {
namespace {

constexpr const char* legacy_topic = "legacy/monitor/pulse";

class Clear : public Ward {
  protected:
    Clear() {
        site.add("monitor", "legacy-monitor");
        site.add("screen", "display");
        site.write_acl(R"(version: 1
roles:
  wearable: {publish: ["ward/{id}/#"]}
  clinician: {subscribe: ["ward/#", "legacy/#"]}
  legacy-monitor: {publish: [{topic: "legacy/{id}/#", clear: true}]}
  display: {subscribe: [{topic: "ward/+/vitals/pulse", clear: true}]}
)");
    }

    void expect_nothing_in_clear(Broker& broker) {
        broker.stop();
        EXPECT_EQ(read_all(site.path("mosquitto.db")).find("in-the-clear"), std::string::npos);
        EXPECT_EQ(broker.log().find("in-the-clear"), std::string::npos);
    }
};

TEST_F(Clear, PublishingIsSealedOnArrivalAndForEachSubscriber) {
    Broker broker(site);
    Client monitor(site, broker, "monitor");
    Client clinician(site, broker, "clinician");
    Application clinic(site, "clinician");
    ASSERT_EQ(monitor.connect(), 0);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("legacy/#", 2), 2);
    for (const int qos : {0, 1, 2}) {
        ASSERT_EQ(monitor.publish(legacy_topic, bytes(reading), qos, true), 0);
        const auto message = clinician.receive();
        ASSERT_TRUE(message);
        EXPECT_EQ(message->qos, qos);
        EXPECT_EQ(clinic.open(legacy_topic, message->payload), reading);
    }
    expect_nothing_in_clear(broker);
}

TEST_F(Clear, RetainedMessageIsDeliveredAfterARestart) {
    Broker broker(site);
    Client monitor(site, broker, "monitor");
    ASSERT_EQ(monitor.connect(), 0);
    ASSERT_EQ(monitor.publish(legacy_topic, bytes(reading), 1, true), 0);
    broker.stop();
    broker.start();
    Client clinician(site, broker, "clinician");
    Application clinic(site, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("legacy/#"), 1);
    const auto message = clinician.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(clinic.open(legacy_topic, message->payload), reading);
}

class ClearWill : public Clear, public testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(OfASessionThat, ClearWill, testing::Bool(),
                         [](const auto& lasts) { return lasts.param ? "Lasts" : "Ends"; });

TEST_P(ClearWill, IsSealedToo) {
    Broker broker(site);
    Client monitor(site, broker, "monitor",
                   {.clean = !GetParam(),
                    .session_seconds = GetParam() ? 600U : 0U,
                    .will = Will{.topic = legacy_topic, .payload = bytes(reading), .qos = 1, .retain = true}});
    Client clinician(site, broker, "clinician");
    Application clinic(site, "clinician");
    ASSERT_EQ(monitor.connect(), 0);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("legacy/#"), 1);
    monitor.crash();
    const auto message = clinician.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(clinic.open(legacy_topic, message->payload), reading);
    expect_nothing_in_clear(broker);
}

TEST_F(Clear, EmptyPayloadClearsARetainedMessage) {
    Broker broker(site);
    Client monitor(site, broker, "monitor");
    ASSERT_EQ(monitor.connect(), 0);
    ASSERT_EQ(monitor.publish(legacy_topic, bytes(reading), 1, true), 0);
    ASSERT_EQ(monitor.publish(legacy_topic, {}, 1, true), 0);
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("legacy/#"), 1);
    EXPECT_TRUE(silent(clinician));
}

TEST_F(Clear, DeliveryReachesAConnectedDisplay) {
    Broker broker(site);
    Device device(site, "pico1");
    Client pico(site, broker, "pico1");
    Client screen(site, broker, "screen", {.clean = false, .session_seconds = 600});
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(screen.connect(), 0);
    ASSERT_EQ(screen.subscribe("ward/+/vitals/pulse"), 1);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    const auto message = screen.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(text(message->payload), reading);
    EXPECT_EQ(message->qos, Broker::seals_when_sent() ? 1 : 0);
    expect_nothing_in_clear(broker);
}

TEST_F(Clear, DeliveryIsNotQueuedForAnAbsentDisplay) {
    Broker broker(site);
    Device device(site, "pico1");
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    {
        Client screen(site, broker, "screen", {.clean = false, .session_seconds = 600});
        ASSERT_EQ(screen.connect(), 0);
        ASSERT_EQ(screen.subscribe("ward/+/vitals/pulse"), 1);
    }
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    expect_nothing_in_clear(broker);
}

TEST_F(Clear, DeliveryIsQueuedIfTheConfigurationSaysSo) {
    site.set("queue_clear", "true");
    Broker broker(site);
    EXPECT_TRUE(Broker::seals_when_sent() || broker.logs("clear deliveries are queued in clear"));
    Device device(site, "pico1");
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    const ClientOptions options{.clean = false, .session_seconds = 600};
    {
        Client screen(site, broker, "screen", options);
        ASSERT_EQ(screen.connect(), 0);
        ASSERT_EQ(screen.subscribe("ward/+/vitals/pulse"), 1);
    }
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    Client screen(site, broker, "screen", options);
    ASSERT_EQ(screen.connect(), 0);
    const auto message = screen.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(text(message->payload), reading);
    EXPECT_EQ(message->qos, 1);
}

}  // namespace
}  // namespace harness
