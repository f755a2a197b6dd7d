// SPDX-License-Identifier: Apache-2.0
// identity.require_key: a certificate alone lets nobody in.
#include "harness/ward.h"
#include "mqtt/client.h"

namespace harness {
namespace {

class Key : public Ward {
  protected:
    Key() {
        site.set("identity", "{by: fingerprint, require_key: true}");
        site.add("screen", "display");
        broker.emplace(site);
    }
    [[nodiscard]] ClientOptions with(const std::string& password) const {
        return {.username = "pico1", .password = password};
    }
    std::string proof() { return device.proof("pico1", RESEAL_LISTENER_TLS); }

    // For MQTT 5's authentication.
    int authenticate(const std::string& method, const std::string& data) {
        mqtt::Client client(
            broker->port(), mqtt::v5,
            mqtt::Tls{.ca = site.ca(), .certificate = site.certificate("pico1"), .key = site.key("pico1")});
        return client
            .connect({.client_id = "pico1",
                      .properties = {{.id = mqtt::Id::auth_method, .text = method},
                                     {.id = mqtt::Id::auth_data, .text = data}}})
            .reason;
    }

    std::optional<Broker> broker;
    Device device{site, "pico1"};
};

TEST_F(Key, IsProvenInThePasswordInAdditionToTheCertificate) {
    const std::string once = proof();
    Client pico(site, *broker, "pico1", with(once));
    ASSERT_EQ(pico.connect(), 0) << broker->log();
    EXPECT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    pico.disconnect();
    Client again(site, *broker, "pico1", with(once));
    EXPECT_EQ(again.connect(), not_authorised);
    EXPECT_TRUE(broker->logs("refused connect: reason=replay principal=\"pico1\""));
}

TEST_F(Key, IsProvenByMqtt5sAuthenticationToo) {
    EXPECT_EQ(authenticate("reseal-proof", proof()), 0) << broker->log();
    EXPECT_EQ(authenticate("reseal-proof", "stolen"), not_authorised);
    EXPECT_NE(authenticate("reseal-token", "a.b.c"), 0) << "tokens are not configured";
}

// Acts as a thief of the certificate alone, who would take over the session and drain its queue.
TEST_F(Key, KeepsOutAHolderOfOnlyTheCertificate) {
    Client pico(site, *broker, "pico1", with(proof()));
    ASSERT_EQ(pico.connect(), 0) << broker->log();
    ASSERT_EQ(pico.subscribe("commands/pico1/#"), 1);
    for (const std::string& password :
         {std::string(), std::string("guess"), device.proof("pico1/x", RESEAL_LISTENER_TLS)}) {
        Client thief(site, *broker, "pico1", with(password));
        EXPECT_EQ(thief.connect(), not_authorised) << password;
    }
    EXPECT_TRUE(broker->logs("refused connect: reason=key_not_proven principal=\"pico1\""));
    EXPECT_TRUE(broker->logs("alert key_not_proven")) << broker->log();
    EXPECT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0) << "the session is its own still";
}

TEST_F(Key, IsNotRequiredOfAStockClientWhoseRoleSaysSo) {
    Client screen(site, *broker, "screen");
    ASSERT_EQ(screen.connect(), 0) << broker->log();
    EXPECT_EQ(screen.subscribe("ward/+/vitals/pulse"), 1);
}

TEST_F(Key, StaysProvenWhenTheBrokerReloads) {
    Client pico(site, *broker, "pico1", with(proof()));
    ASSERT_EQ(pico.connect(), 0) << broker->log();
    broker->reload();
    ASSERT_TRUE(broker->logs("reloaded"));
    EXPECT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0) << broker->log();
}

}  // namespace
}  // namespace harness
