// SPDX-License-Identifier: Apache-2.0
// Two brokers with one registry: what was sealed for one does not open at the other, except through an allowed bridge.
#include "harness/ward.h"

namespace harness {
namespace {

constexpr const char* acl = R"(version: 1
roles:
  wearable: {publish: ["ward/{id}/#"]}
  clinician: {subscribe: ["ward/#"]}
  wing-a: {subscribe: ["ward/#"], forward: [{topic: "ward/#", realm: main}]}
)";

// `ward` is the broker of the realm main.
class Realm : public Ward {
  protected:
    Realm() {
        site.add("wing", "wing-a");
        site.write_acl(acl);
        site.set("loopback_listeners", "[]");
        site.set("sealed_listeners", "[" + std::to_string(sealed) + "]");
        other.emplace(site, "wing-b");
        other->set("sealed_listeners", "[" + std::to_string(sealed_there) + "]");
    }
    static std::string conf(std::uint16_t port) { return "listener " + std::to_string(port) + " 127.0.0.1\n"; }

    std::uint16_t sealed = free_port();
    std::uint16_t sealed_there = free_port();
    std::optional<Site> other;
    Device device{site, "pico1"};
};

// A subscriber at one broker's sealed listener.
TEST_F(Realm, RefusesMessagesCapturedAtAnother) {
    Broker there(*other, conf(sealed_there));
    const std::string login = device.proof("pico1", RESEAL_LISTENER_SEALED);
    std::vector<Bytes> captured;
    for (int i = 0; i < 20; ++i) {
        captured.push_back(device.seal(pulse_topic, reading));
    }
    Client thief(*other, there, "pico1", {.tls = false, .port = sealed_there, .username = "pico1", .password = login});
    EXPECT_EQ(thief.connect(), not_authorised);
    EXPECT_TRUE(there.logs("refused connect: reason=bad_tag principal=\"pico1\""));

    Device before(*other, "pico1");
    Client shown(*other, there, "pico1",
                 {.tls = false,
                  .port = sealed_there,
                  .username = "pico1",
                  .password = before.proof("pico1", RESEAL_LISTENER_SEALED)});
    EXPECT_EQ(shown.connect(), not_authorised) << "a further broker wants the next epoch of each device";
    Device of_there(*other, "pico1");
    Client pico(*other, there, "pico1",
                {.tls = false,
                 .port = sealed_there,
                 .username = "pico1",
                 .password = of_there.proof("pico1", RESEAL_LISTENER_SEALED)});
    ASSERT_EQ(pico.connect(), 0) << there.log();
    for (const Bytes& message : captured) {
        EXPECT_EQ(pico.publish(pulse_topic, message), not_authorised);
    }
    EXPECT_EQ(pico.publish(pulse_topic, of_there.seal(pulse_topic, reading)), 0) << there.log();
}

TEST_F(Realm, OfAnotherBrokerIsReadUnderTheRightThatNamesIt) {
    Broker there(*other);
    Client clinician(*other, there, "clinician");
    Application reader(*other, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    Client wing(*other, there, "wing");
    ASSERT_EQ(wing.connect(), 0);
    for (const int qos : {1, 2}) {
        const Bytes message = device.seal(pulse_topic, reading);
        ASSERT_EQ(wing.publish(pulse_topic, message, qos), 0) << there.log();
        const auto received = clinician.receive();
        ASSERT_TRUE(received) << qos << there.log();
        EXPECT_EQ(reader.open(pulse_topic, received->payload), reading);
        (void)wing.publish(pulse_topic, message, qos);
        EXPECT_TRUE(silent(clinician)) << "once, also there";
    }
}

TEST_F(Realm, OfAnotherBrokerIsRecognisedAfterARestart) {
    Broker there(*other);
    {
        Client wing(*other, there, "wing");
        ASSERT_EQ(wing.connect(), 0);
        ASSERT_EQ(wing.publish(pulse_topic, device.seal(pulse_topic, reading), 1, true), 0) << there.log();
    }
    there.stop();
    there.start();
    Client clinician(*other, there, "clinician");
    Application reader(*other, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    const auto received = clinician.receive();
    ASSERT_TRUE(received) << there.log();
    EXPECT_EQ(reader.open(pulse_topic, received->payload), reading);
}

}  // namespace
}  // namespace harness
