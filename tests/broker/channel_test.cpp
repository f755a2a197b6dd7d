// SPDX-License-Identifier: Apache-2.0
// On which channels a payload may travel in clear: only where certainly nobody else listens.
#include "harness/ward.h"
#include "mqtt/client.h"

namespace harness {
namespace {

constexpr int no_matching_subscribers = 0x10;
constexpr const char* acl = R"(version: 1
roles:
  wearable:
    publish: [{topic: "ward/{id}/#", clear: true}]
  clinician:
    subscribe: ["ward/#"]
)";

class Channel : public Ward {
  protected:
    Channel() {
        site.add("nurse", "clinician");
        site.write_acl(acl);
    }
    [[nodiscard]] std::string web_socket_listener() const {
        return "listener " + std::to_string(web) + " 127.0.0.1\nsocket_domain ipv4\nprotocol websockets\n";
    }
    [[nodiscard]] mqtt::Connect proven() {
        mqtt::Connect out{.client_id = "pico1"};
        out.username = "pico1";
        out.password = device.proof("pico1");
        return out;
    }
    static bool accepted(int reason) { return reason == 0 || reason == no_matching_subscribers; }
    static mqtt::Publish in_clear() { return {.topic = pulse_topic, .payload = "72", .qos = 1}; }

    std::uint16_t web = free_port();
    Device device{site, "pico1"};
};

TEST_F(Channel, OfWebSocketsIsProtectedOnlyWhereTheBrokerTellsTheListener) {
    site.set("loopback_listeners", "[" + std::to_string(web) + "]");
    const Broker broker(site, web_socket_listener());
    mqtt::Client client(web, mqtt::v5, mqtt::Transport::websocket);
    ASSERT_EQ(client.connect(proven()).reason, 0) << broker.log();
    EXPECT_EQ(accepted(client.publish(in_clear())), Broker::seals_when_sent()) << broker.log();
    const Bytes sealed = device.seal(pulse_topic, reading);
    EXPECT_TRUE(accepted(client.publish({.topic = pulse_topic, .payload = {sealed.begin(), sealed.end()}, .qos = 1})));
}

// The address that X-Forwarded-For makes Mosquitto 2.0.21 believe.
TEST_F(Channel, OfAnUnnamedListenerIsNotProtectedByALoopbackAddress) {
    const std::uint16_t named = free_port();
    site.set("loopback_listeners", "[" + std::to_string(named) + "]");
    const Broker broker(site, web_socket_listener() + "listener " + std::to_string(named) + " 127.0.0.1\n");
    mqtt::Client client(web, mqtt::v5, mqtt::Transport::websocket);
    const int reason = client.connect(proven()).reason;
    EXPECT_EQ(reason, Broker::seals_when_sent() ? not_authorised : 0) << "2.1 tells which listener it is";
    if (reason == 0) {
        EXPECT_EQ(client.publish(in_clear()), not_authorised) << broker.log();
    }
}

class UnixSocket : public Channel {
  protected:
    [[nodiscard]] std::string listener() const { return "listener 0 " + path + "\n"; }
    // With stock mosquitto_pub.
    void publish_in_clear() {
        const Ran ran = run({"mosquitto_pub", "--unix", path, "-V", "5", "-i", "pico1", "-u", "pico1", "-P",
                             device.proof("pico1"), "-q", "1", "-t", pulse_topic, "-m", "72"});
        output = ran.output;
    }

    std::string path = site.path("mosquitto.sock");
    std::string output;
};

TEST_F(UnixSocket, IsProtectedWhereItIsNamed) {
    site.set("loopback_listeners", "[0]");
    const Broker broker(site, listener());
    Client nurse(site, broker, "nurse");
    Application ward(site, "nurse");
    ASSERT_EQ(nurse.connect(), 0);
    ASSERT_EQ(nurse.subscribe("ward/#"), 1);
    publish_in_clear();
    const auto message = nurse.receive();
    ASSERT_TRUE(message) << output << broker.log();
    EXPECT_EQ(ward.open(pulse_topic, message->payload), "72");
    EXPECT_EQ(broker.log().find("does not listen"), std::string::npos) << broker.log();
}

TEST_F(UnixSocket, AdmitsNobodyWhereItIsNotNamed) {
    site.set("loopback_listeners", "[]");
    const Broker broker(site, listener());
    publish_in_clear();
    EXPECT_TRUE(broker.logs("refused connect: reason=no_certificate")) << output << broker.log();
}

}  // namespace
}  // namespace harness
