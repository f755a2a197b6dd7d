// SPDX-License-Identifier: Apache-2.0
// Sealed acknowledgements: they tell what the broker has accepted where anybody could send a PUBACK.
#include "harness/ward.h"

#include <fstream>

#include <sys/stat.h>

#include <reseal/ack.h>

namespace harness {
namespace {

constexpr const char* ack_topic = "$reseal/pico1/ack";

class Ack : public Ward {
  protected:
    Ack() {
        site.set("loopback_listeners", "[]");
        site.set("sealed_listeners", "[" + std::to_string(port) + "]");
    }
    [[nodiscard]] std::string conf() const { return "listener " + std::to_string(port) + " 127.0.0.1\n"; }

    ClientOptions options() {
        return {
            .tls = false, .port = port, .username = "pico1", .password = device.proof("pico1", RESEAL_LISTENER_SEALED)};
    }

    // Whether an acknowledgement arrives that names the message; earlier ones are skipped.
    bool named(Client& client, const Bytes& message) {
        while (const auto received = client.receive()) {
            EXPECT_EQ(received->topic, ack_topic);
            const Bytes record = bytes(reader.open(ack_topic, received->payload));
            reseal_ack ack{};
            EXPECT_TRUE(reseal_ack_read({record.data(), record.size()}, &ack));
            if (reseal_ack_names(&ack, {message.data(), message.size()})) {
                return true;
            }
        }
        return false;
    }

    // reseal-pub against `to`, without TLS.
    [[nodiscard]] Ran pub(std::uint16_t to, const std::string& text) const {
        const std::string file = site.path("pico1.json");
        write_all(file, site.provision({"export", "pico1", "--format", "json"}));
        ::chmod(file.c_str(), 0600);
        return run({RESEAL_PUB, "--credentials", file, "-h", "127.0.0.1", "-p", std::to_string(to), "--listener",
                    "sealed", "-q", "1", "-t", pulse_topic, "-m", text},
                   Milliseconds(40'000));
    }

    std::uint16_t port = free_port();
    Device device{site, "pico1"};
    Application reader{site, "pico1"};
};

TEST_F(Ack, NamesWhatWasAcceptedAtEachQos) {
    Broker broker(site, conf());
    Client pico(site, broker, "pico1", options());
    ASSERT_EQ(pico.connect(), 0) << broker.log();
    ASSERT_EQ(pico.subscribe(ack_topic), 1) << broker.log();
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1) << "what is released to nobody, the broker does not tell the plugin";
    for (const int qos : {0, 1, 2}) {
        const Bytes message = device.seal(pulse_topic, reading);
        (void)pico.publish(pulse_topic, message, qos);
        EXPECT_TRUE(named(pico, message)) << qos << broker.log();
    }
}

TEST_F(Ack, TellsAReturningClientWhatWasAcceptedBefore) {
    Broker broker(site, conf());
    const Bytes message = device.seal(pulse_topic, reading);
    {
        Client before(site, broker, "pico1", options());
        ASSERT_EQ(before.connect(), 0) << broker.log();
        ASSERT_EQ(before.publish(pulse_topic, message), 0);
        before.disconnect();
    }
    broker.stop();
    broker.start();
    Client pico(site, broker, "pico1", options());
    ASSERT_EQ(pico.connect(), 0) << broker.log();
    ASSERT_EQ(pico.subscribe(ack_topic), 1);
    EXPECT_TRUE(named(pico, message));
}

TEST_F(Ack, IsReadByItsPrincipalOnlyAndPublishedByNobody) {
    Broker broker(site, conf());
    Client pico(site, broker, "pico1", options());
    ASSERT_EQ(pico.connect(), 0) << broker.log();
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    EXPECT_EQ(clinician.subscribe(ack_topic), not_authorised);
    EXPECT_EQ(pico.publish(ack_topic, device.seal(ack_topic, "x")), not_authorised);
}

TEST_F(Ack, LetsResealPubSucceedWhereTheBrokerHasTheKey) {
    Broker broker(site, conf());
    const Ran ran = pub(port, "72");
    EXPECT_EQ(ran.status, 0) << ran.output << broker.log();
}

// A broker without the key sends PUBACK, too.
TEST_F(Ack, LetsResealPubFailWhereOnlyPubackComes) {
    const std::uint16_t other = free_port();
    const Mosquitto impostor(site.path(""), "impostor",
                             "listener " + std::to_string(other) + " 127.0.0.1\nallow_anonymous true\n", {other});
    const Ran ran = pub(other, "72");
    EXPECT_EQ(ran.status, 1) << ran.output;
    EXPECT_NE(ran.output.find("does not say under seal what it accepted; 1 messages may be lost"), std::string::npos)
        << ran.output;
}

}  // namespace
}  // namespace harness
