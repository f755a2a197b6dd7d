// SPDX-License-Identifier: Apache-2.0
// The link over lwIP's own TCP and TLS, to the real Mosquitto with the plugin.
#include "harness/ward.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <lwip/altcp_tls.h>
#include <reseal/link_lwip_tls.h>

#include "device.h"
#include "relay.h"
#include "wire.h"

namespace harness {
namespace {

namespace net = reseal::lwip;

// PEM, with its NUL.
std::string pem(const std::string& path) {
    std::ifstream file(path);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    text.push_back('\0');
    return text;
}

reseal_bytes view(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class LwipBroker : public Ward {
  protected:
    LwipBroker() {
        broker.stop();
        site.set("loopback_listeners", "[" + std::to_string(broker.plain_port()) + "]");
        broker.start();
    }

    ~LwipBroker() override {
        for (reseal_lwip_tls* each : made) {
            reseal_lwip_tls_free(each);
        }
        altcp_tls_free_entropy();
    }

    // One after the other, in lwIP's one stack.
    bool comes(net::Device& device, const std::function<bool()>& condition) {
        return eventually([&] {
            wire.pass_ms(10);
            device.step(wire.now());
            tls_relay.step();
            plain_relay.step();
            psk_relay.step();
            return condition();
        });
    }

    net::DeviceOptions plain() {
        return {.broker = net::broker_address,
                .port = 1883,
                .listener = RESEAL_LISTENER_LOOPBACK,
                .credentials = site.credentials("pico1")};
    }

    // The broker's certificate is for localhost, which lwIP resolves to this machine on the wire.
    net::DeviceOptions with_tls(const std::string& ca, const std::string& certificate, const std::string& key) {
        reseal_lwip_tls* tls = reseal_lwip_tls_make(view(ca), view(certificate), view(key));
        EXPECT_NE(tls, nullptr);
        made.push_back(tls);
        return {.broker = "localhost",
                .port = 8883,
                .listener = RESEAL_LISTENER_TLS,
                .tls = tls,
                .credentials = credentials,
                .takes_keys = true};
    }

    net::DeviceOptions with_certificates() {
        return with_tls(pem(site.ca()), pem(site.certificate("pico1")), pem(site.key("pico1")));
    }

    net::DeviceOptions with_psk() {
        reseal_lwip_tls* tls = reseal_lwip_tls_make_psk(reseal_crypto_openssl());
        EXPECT_NE(tls, nullptr);
        made.push_back(tls);
        return {.broker = net::broker_address,
                .port = 8884,
                .listener = RESEAL_LISTENER_PSK,
                .tls = tls,
                .credentials = credentials,
                .takes_keys = true};
    }

    // Waits for the next connection after `relay` has ended the last one.
    bool comes_back(net::Device& device, net::Relay& relay) {
        const int before = relay.connections();
        relay.cut();
        return comes(device, [&] { return relay.connections() > before && device.online(); });
    }

    void subscribe() {
        ASSERT_EQ(clinician.connect(), 0);
        ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    }

    void exchange(net::Device& device) {
        device.send(reading);
        ASSERT_TRUE(comes(device, [&] { return device.online() && device.waiting() == 0; })) << device.line();
        const auto message = clinician.receive();
        ASSERT_TRUE(message);
        EXPECT_EQ(reader.open(message->topic, message->payload), reading);
        const std::string topic = "commands/pico1/interval";
        ASSERT_EQ(clinician.publish(topic, sealer.seal(topic, "500")), 0);
        ASSERT_TRUE(comes(device, [&] { return !device.received.empty(); })) << device.line();
        EXPECT_EQ(device.received[0], topic + " 500");
    }

    std::vector<reseal_lwip_tls*> made;
    reseal_credentials credentials = site.credentials("pico1");
    std::uint16_t psk_port = free_port();
    Broker broker{site, "listener " + std::to_string(psk_port) + " 127.0.0.1\npsk_hint reseal\n"};
    net::Wire wire;
    net::Relay tls_relay{8883, broker.port()};
    net::Relay psk_relay{8884, psk_port};
    net::Relay plain_relay{1883, broker.plain_port()};
    Client clinician{site, broker, "clinician"};
    Application reader{site, "clinician"};
    Device sealer{site, "clinician"};
};

TEST_F(LwipBroker, ExchangesSealedMessagesWithoutTlsAndForgetsOnlyWhatIsNamedUnderSeal) {
    subscribe();
    net::Device device(plain());
    exchange(device);
}

TEST_F(LwipBroker, ExchangesSealedMessagesOverTls) {
    subscribe();
    net::Device device(with_certificates());
    exchange(device);
}

TEST_F(LwipBroker, LosesNothingOnABadWireWithTls) {
    subscribe();
    net::Device device(with_certificates());
    wire.faults = {.lost = 10, .duplicated = 5, .longest_ms = 100};
    for (int i = 0; i < 10; ++i) {
        device.send(std::to_string(i));
    }
    ASSERT_TRUE(comes(device, [&] { return device.waiting() == 0; })) << device.line();
    std::vector<std::string> opened;
    while (const auto message = clinician.receive(Milliseconds(700))) {
        opened.push_back(reader.open(message->topic, message->payload));
    }
    std::sort(opened.begin(), opened.end());
    EXPECT_EQ(opened, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
}

TEST_F(LwipBroker, SaysThatTheBrokersCertificateIsNotFromOurCa) {
    const std::string other = pem(site.certificate("pico2"));
    net::Device device(with_tls(other, pem(site.certificate("pico1")), pem(site.key("pico1"))));
    EXPECT_TRUE(comes(device, [&] { return device.said("the broker's certificate is not from our CA"); }))
        << device.line();
}

TEST_F(LwipBroker, SaysThatTheNameDoesNotMatch) {
    net::DeviceOptions options = with_certificates();
    options.broker = net::broker_address;
    net::Device device(options);
    EXPECT_TRUE(comes(device, [&] { return device.said("the broker's certificate has another name"); }))
        << device.line();
}

TEST_F(LwipBroker, SaysThatTheBrokerWantsACertificate) {
    net::Device device(with_tls(pem(site.ca()), "", ""));
    EXPECT_TRUE(comes(device, [&] { return device.said("the broker wants a certificate that we do not have"); }))
        << device.line();
}

TEST_F(LwipBroker, SaysThatItsKeyIsNotTheOneThatTheBrokerKnows) {
    net::DeviceOptions options = plain();
    options.credentials.master[0] ^= 1U;
    net::Device device(options);
    EXPECT_TRUE(comes(device, [&] { return device.said("the broker does not"); })) << device.line();
    EXPECT_TRUE(device.said("(code 5)") || device.said("(code 4)")) << device.line();
}

TEST_F(LwipBroker, ComesBackByTicketWithoutAHandshakeOfCertificates) {
    subscribe();
    net::Device device(with_certificates());
    exchange(device);
    EXPECT_EQ(tls_relay.full_handshakes(), 1);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(comes_back(device, tls_relay)) << device.line();
    }
    EXPECT_EQ(tls_relay.full_handshakes(), 1);
    device.received.clear();
    exchange(device);
}

TEST_F(LwipBroker, ProvesItsCertificateAgainWithANewKey) {
    net::Device device(with_certificates());
    ASSERT_TRUE(comes(device, [&] { return device.online(); })) << device.line();
    site.provision({"rotate", "pico1", "--over-the-air", "--overlap", "1h"});
    ASSERT_TRUE(comes(device, [&] { return device.new_keys == 1 && tls_relay.connections() == 2 && device.online(); }))
        << device.line();
    EXPECT_EQ(tls_relay.full_handshakes(), 2);
}

TEST_F(LwipBroker, FallsBackToAFullHandshakeWithABrokerThatHasForgottenTheTicket) {
    net::Device device(with_certificates());
    ASSERT_TRUE(comes(device, [&] { return device.online(); })) << device.line();
    broker.stop();
    broker.start();
    ASSERT_TRUE(comes(device, [&] { return tls_relay.connections() > 1 && device.online(); })) << device.line();
    EXPECT_EQ(tls_relay.full_handshakes(), 2);
}

TEST_F(LwipBroker, IsNotLetInByTicketOnceItIsRevokedAndThenDoesNotOfferItAgain) {
    net::Device device(with_certificates());
    ASSERT_TRUE(comes(device, [&] { return device.online(); })) << device.line();
    site.revoke("pico1");
    ASSERT_TRUE(comes(device, [&] {
        return device.said("the broker does not let us in") || device.said("user name or password");
    })) << device.line();
    EXPECT_EQ(tls_relay.connections(), 2);
    EXPECT_EQ(tls_relay.full_handshakes(), 1) << "the first refusal came to the ticket";
    ASSERT_TRUE(comes(device, [&] { return tls_relay.connections() > 2 && tls_relay.full_handshakes() > 1; }))
        << device.line();
}

// Without another listener or client on loopback: Mosquitto 2.0 does not tell which one a client has come by.
class LwipPsk : public LwipBroker {
  protected:
    LwipPsk() {
        broker.stop();
        site.set("loopback_listeners", "[]");
        site.set("psk_listeners", "[" + std::to_string(psk_port) + "]");
        broker.start();
    }
};

TEST_F(LwipPsk, SendsOverTlsWithAPreSharedKeyAndComesBackByTicket) {
    net::Device device(with_psk());
    const auto is_accepted = [&] { return device.online() && device.waiting() == 0; };
    device.send(reading);
    ASSERT_TRUE(comes(device, is_accepted)) << device.line();
    EXPECT_EQ(psk_relay.full_handshakes(), 1);
    ASSERT_TRUE(comes_back(device, psk_relay)) << device.line();
    EXPECT_EQ(psk_relay.full_handshakes(), 1);
    device.send(reading);
    ASSERT_TRUE(comes(device, is_accepted)) << device.line();
}

TEST_F(LwipPsk, UsesTheNewKeyForTlsAsSoonAsItHasCome) {
    net::Device device(with_psk());
    ASSERT_TRUE(comes(device, [&] { return device.online(); })) << device.line();
    site.provision({"rotate", "pico1", "--over-the-air", "--overlap", "1h"});
    ASSERT_TRUE(comes(device, [&] { return device.new_keys == 1 && psk_relay.connections() == 2 && device.online(); }))
        << device.line();
    EXPECT_EQ(psk_relay.full_handshakes(), 2);
    device.send(reading);
    ASSERT_TRUE(comes(device, [&] { return device.waiting() == 0; })) << device.line();
}

TEST_F(LwipPsk, SaysThatTheBrokerDoesNotTakeItsPreSharedKey) {
    credentials.master[0] ^= 1U;
    net::Device device(with_psk());
    EXPECT_TRUE(comes(device, [&] { return device.said("the broker does not know our key for TLS, or has another"); }))
        << device.line();
}

TEST_F(LwipPsk, SaysThatTheBrokerDoesNotKnowItsPreSharedKey) {
    credentials.key_id[0] ^= 1U;
    net::Device device(with_psk());
    EXPECT_TRUE(comes(device, [&] { return device.said("the broker does not know our key for TLS, or has another"); }))
        << device.line();
}

// A server with a certificate, even the broker's own, has not proven the device's key.
TEST_F(LwipPsk, TakesNoCertificateForThePreSharedKey) {
    net::DeviceOptions options = with_psk();
    options.port = 8883;
    net::Device device(options);
    EXPECT_TRUE(comes(device, [&] { return device.said("no TLS version and cipher that we have"); })) << device.line();
    EXPECT_FALSE(device.online());
}

}  // namespace
}  // namespace harness
