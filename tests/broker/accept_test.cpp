// SPDX-License-Identifier: Apache-2.0
// A message is accepted once, whoever sends it: what captured messages and a certificate gain an attacker.
#include "harness/ward.h"
#include "mqtt/client.h"

using namespace harness;

namespace {

constexpr const char* acl = R"(version: 1
roles:
  wearable:
    publish: ["ward/{id}/#"]
  clinician:
    subscribe: ["ward/#", "legacy/#"]
  monitor:
    publish:
      - topic: "legacy/{id}/#"
        clear: true
  bridge:
    subscribe: ["legacy/#"]
    forward: ["legacy/#"]
)";
constexpr const char* legacy_topic = "legacy/monitor/pulse";

std::string text_of(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

class Accepted : public Ward {
  protected:
    Accepted() {
        site.add("monitor", "monitor");
        site.add("bridge", "bridge");
        site.write_acl(acl);
    }

    // A connection that controls every packet, with the principal's certificate.
    [[nodiscard]] std::unique_ptr<mqtt::Client> raw(const Broker& broker, const std::string& principal) const {
        return std::make_unique<mqtt::Client>(
            broker.port(), mqtt::v5,
            mqtt::Tls{.ca = site.ca(), .certificate = site.certificate(principal), .key = site.key(principal)});
    }
    [[nodiscard]] std::unique_ptr<mqtt::Client> connected(const Broker& broker, const std::string& principal,
                                                          const mqtt::Connect& connect) const {
        auto out = raw(broker, principal);
        EXPECT_EQ(out->connect(connect).reason, 0);
        return out;
    }
    static mqtt::Connect lasting(const std::string& client_id) {
        mqtt::Connect out{.client_id = client_id, .clean = false};
        out.properties = {{.id = mqtt::Id::session_expiry, .number = 1000}};
        return out;
    }
    static mqtt::Publish qos2(const Bytes& message, bool retain = false) {
        return {.topic = pulse_topic, .payload = text_of(message), .qos = 2, .retain = retain};
    }
    static void hold(mqtt::Client& client, const mqtt::Publish& message, std::uint16_t& id) {
        id = client.send(message);
        EXPECT_EQ(client.wait_for(mqtt::Type::pubrec, id), 0);
    }
    static void release(mqtt::Client& client, std::uint16_t id) {
        client.send(mqtt::Type::pubrel, id);
        EXPECT_EQ(client.wait_for(mqtt::Type::pubcomp, id), 0);
    }

    Device device{site, "pico1"};
    Application clinic{site, "clinician"};
};

TEST_F(Accepted, OnceWhenTwoPacketIdsHoldTheSameMessage) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#", 2), 2);
    const Bytes message = device.seal(pulse_topic, reading);
    auto pico = connected(broker, "pico1", {.client_id = "pico1"});
    std::uint16_t first = 0;
    std::uint16_t second = 0;
    hold(*pico, qos2(message), first);
    hold(*pico, qos2(message), second);
    release(*pico, second);
    release(*pico, first);
    const auto received = clinician.receive();
    ASSERT_TRUE(received);
    EXPECT_EQ(clinic.open(pulse_topic, received->payload), reading);
    EXPECT_TRUE(silent(clinician));
}

TEST_F(Accepted, OnceWhenTheBrokerKeepsACopyAcrossARestart) {
    Broker broker(site);
    const Bytes message = device.seal(pulse_topic, reading);
    std::uint16_t id = 0;
    {
        Client clinician(site, broker, "clinician");
        ASSERT_EQ(clinician.connect(), 0);
        ASSERT_EQ(clinician.subscribe("ward/#", 1), 1);
        auto pico = connected(broker, "pico1", {.client_id = "pico1"});
        auto thief = connected(broker, "pico1", lasting("pico1/thief"));
        std::uint16_t own = 0;
        hold(*pico, qos2(message), own);
        hold(*thief, qos2(message, true), id);
        release(*pico, own);
        ASSERT_TRUE(clinician.receive());
    }
    broker.stop();
    broker.start();
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    auto thief = connected(broker, "pico1", lasting("pico1/thief"));
    ASSERT_EQ(clinician.subscribe("ward/#", 1), 1);
    release(*thief, id);
    EXPECT_TRUE(silent(clinician));
    Client later(site, broker, "clinician", {.client_id = "clinician/later"});
    ASSERT_EQ(later.connect(), 0);
    ASSERT_EQ(later.subscribe("ward/#", 1), 1);
    EXPECT_TRUE(silent(later)) << "the copy was not retained either";
}

TEST_F(Accepted, ReleasedLateDoesNotRevertARetainedTopic) {
    Broker broker(site);
    const Bytes older = device.seal(pulse_topic, "older");
    const Bytes newer = device.seal(pulse_topic, "newer");
    auto pico = connected(broker, "pico1", {.client_id = "pico1"});
    auto thief = connected(broker, "pico1", {.client_id = "pico1/thief"});
    std::uint16_t own = 0;
    std::uint16_t copy = 0;
    hold(*pico, qos2(older, true), own);
    hold(*thief, qos2(older, true), copy);
    release(*pico, own);
    EXPECT_EQ(pico->publish({.topic = pulse_topic, .payload = text_of(newer), .qos = 1, .retain = true}), 0x10);
    release(*thief, copy);
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#", 1), 1);
    const auto received = clinician.receive();
    ASSERT_TRUE(received);
    EXPECT_EQ(clinic.open(pulse_topic, received->payload), "newer");
}

TEST_F(Accepted, OnceAsAWillWhicheverSessionsNamedIt) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#", 1), 1);
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, "first"), 1), 0);
    ASSERT_TRUE(clinician.receive());
    const Bytes captured = device.seal(pulse_topic, "captured");
    std::vector<std::unique_ptr<mqtt::Client>> thieves;
    for (int i = 0; i < 20; ++i) {
        mqtt::Connect connect{.client_id = "pico1/" + std::to_string(i)};
        connect.will = mqtt::Will{.topic = pulse_topic, .payload = text_of(captured), .qos = 1};
        thieves.push_back(connected(broker, "pico1", connect));
    }
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, "later"), 0), 0);
    }
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, "last"), 1), 0);
    for (auto& thief : thieves) {
        thief->crash();
    }
    int captures = 0;
    while (const auto message = clinician.receive(Milliseconds(1500))) {
        captures += clinic.open(pulse_topic, message->payload) == "captured" ? 1 : 0;
    }
    EXPECT_EQ(captures, 1);
}

TEST_F(Accepted, NeverIfTheBrokerItselfSealedIt) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    Client bridge(site, broker, "bridge");
    Client monitor(site, broker, "monitor");
    for (Client* each : {&clinician, &bridge, &monitor}) {
        ASSERT_EQ(each->connect(), 0);
    }
    ASSERT_EQ(clinician.subscribe("legacy/#", 1), 1);
    ASSERT_EQ(bridge.subscribe("legacy/#", 1), 1);
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(monitor.publish(legacy_topic, bytes(reading), 1), 0);
        ASSERT_TRUE(clinician.receive());
        const auto sealed = bridge.receive();
        ASSERT_TRUE(sealed);
        EXPECT_EQ(bridge.publish(legacy_topic, sealed->payload, 1), not_authorised);
    }
    EXPECT_TRUE(silent(clinician));
}

// Mosquitto 2.0.21 and later ask for it when its sender reconnects.
TEST_F(Accepted, InClearIsStillDeliveredWhenItsSenderReturns) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("legacy/#", 2), 2);
    std::uint16_t id = 0;
    {
        auto monitor = connected(broker, "monitor", lasting("monitor"));
        hold(*monitor, {.topic = legacy_topic, .payload = reading, .qos = 2}, id);
        monitor->crash();
    }
    auto monitor = connected(broker, "monitor", lasting("monitor"));
    release(*monitor, id);
    const auto received = clinician.receive();
    ASSERT_TRUE(received);
    EXPECT_EQ(clinic.open(legacy_topic, received->payload), reading);
}

TEST_F(Accepted, ButUnreleasedIsDeliveredWhenItsSenderReturns) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#", 2), 2);
    std::uint16_t id = 0;
    {
        auto pico = connected(broker, "pico1", lasting("pico1"));
        hold(*pico, qos2(device.seal(pulse_topic, reading)), id);
        pico->crash();
    }
    auto pico = connected(broker, "pico1", lasting("pico1"));
    release(*pico, id);
    ASSERT_TRUE(clinician.receive());
}

}  // namespace
