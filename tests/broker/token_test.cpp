// SPDX-License-Identifier: Apache-2.0
// OAuth 2.0 tokens with a certificate, in the password and in MQTT 5's authentication, over real TLS.
#include <ctime>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "harness/ward.h"
#include "mqtt/client.h"
#include "token/test_issuer.h"

namespace harness {
namespace {

using nlohmann::json;
using reseal::token::test::base64url;
using reseal::token::test::jwks;
using reseal::token::test::TestKey;

constexpr const char* method = "reseal-token";
constexpr int reauthenticate = 0x19;
constexpr int bad_method = 0x8c;
constexpr int hour = 3600;
constexpr int soon = 3;  // seconds: long enough to connect meanwhile

class Tokens : public Ward {
  protected:
    Tokens() {
        write_all(site.path("jwks.json"), jwks({issuer_}));
        configure("");
    }

    void configure(const std::string& more) const {
        site.set("tokens",
                 "{issuer: \"https://login.example\", audience: reseal, keys: jwks.json, "
                 "scopes: {\"ward:read\": [dashboard]}" +
                     more + "}");
    }

    // What RFC 8705 requires in a token for `id`.
    [[nodiscard]] std::string thumbprint(const std::string& id) const {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(site.certificate(id).c_str(), "r"),
                                                                   std::fclose);
        const std::unique_ptr<X509, decltype(&X509_free)> certificate(
            PEM_read_X509(file.get(), nullptr, nullptr, nullptr), X509_free);
        std::string out(32, '\0');
        EXPECT_EQ(1,
                  X509_digest(certificate.get(), EVP_sha256(), reinterpret_cast<unsigned char*>(out.data()), nullptr));
        return base64url(out);
    }
    [[nodiscard]] std::string token(const std::string& id, int seconds = hour) const {
        return token(issuer_, id, seconds);
    }
    [[nodiscard]] std::string token(const TestKey& key, const std::string& id, int seconds = hour) const {
        return key.token({{"iss", "https://login.example"},
                          {"aud", {"reseal", "other"}},
                          {"exp", std::time(nullptr) + seconds},
                          {"scope", "profile ward:read"},
                          {"jti", "of-" + id},
                          {"cnf", {{"x5t#S256", thumbprint(id)}}}});
    }

    [[nodiscard]] std::unique_ptr<mqtt::Client> client(const Broker& broker, const std::string& id) const {
        return std::make_unique<mqtt::Client>(
            broker.port(), mqtt::v5,
            mqtt::Tls{.ca = site.ca(), .certificate = site.certificate(id), .key = site.key(id)});
    }
    // With the token in the password. Returns the reason code of CONNACK.
    static int connect(mqtt::Client& client, const std::string& id, const std::string& token) {
        mqtt::Connect connect{.client_id = id};
        if (!token.empty()) {
            connect.username = "whoever";
            connect.password = token;
        }
        return client.connect(connect).reason;
    }
    static mqtt::Properties authentication(const std::string& token, const std::string& by = method) {
        return {{.id = mqtt::Id::auth_method, .text = by}, {.id = mqtt::Id::auth_data, .text = token}};
    }
    // With the token in the authentication data.
    static int connect_to_renew(mqtt::Client& client, const std::string& id, const std::string& token,
                                const std::string& by = method) {
        return client.connect({.client_id = id, .properties = authentication(token, by)}).reason;
    }
    static mqtt::Connect stored_session(const std::string& token) {
        mqtt::Connect out{
            .client_id = "porter", .clean = false, .properties = {{.id = mqtt::Id::session_expiry, .number = hour}}};
        if (!token.empty()) {
            out.password = token;
        }
        return out;
    }
    // Porter subscribes with `token` and disconnects; then a message for it arrives.
    void queue_for_porter(const Broker& broker, const std::string& token) const {
        const auto porter = client(broker, "porter");
        ASSERT_EQ(porter->connect(stored_session(token)).reason, 0) << broker.log();
        ASSERT_EQ(subscribe(*porter), 1);
        porter->disconnect();
        Client pico(site, broker, "pico1");
        ASSERT_EQ(pico.connect(), 0);
        Device device(site, "pico1");
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    }
    static bool resume(mqtt::Client& client, const std::string& token) {
        const mqtt::ConnAck answer = client.connect(stored_session(token));
        return answer.reason == 0 && answer.session_present;
    }
    static int subscribe(mqtt::Client& client) { return client.subscribe({.filter = "ward/+/vitals/#", .qos = 1}); }
    // Waits until the broker has closed the connection.
    static bool dropped(mqtt::Client& client) {
        return eventually([&] {
            (void)client.poll(Milliseconds(100));
            return !client.connected();
        });
    }

    TestKey issuer_ = TestKey::p256("2026");
};

TEST_F(Tokens, GiveTheRolesOfTheirScopes) {
    Broker broker(site);
    const auto porter = client(broker, "porter");
    ASSERT_EQ(connect(*porter, "porter", ""), 0) << broker.log();
    EXPECT_EQ(subscribe(*porter), not_authorised);
    porter->disconnect();

    const auto reader = client(broker, "porter");
    ASSERT_EQ(connect(*reader, "porter", token("porter")), 0) << broker.log();
    EXPECT_EQ(subscribe(*reader), 1);
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    Device device(site, "pico1");
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    ASSERT_TRUE(reader->poll(patience));
    const auto received = reader->take();
    ASSERT_EQ(received.size(), 1U);
    Application application(site, "porter");
    EXPECT_EQ(application.open(pulse_topic, bytes(received.front().payload)), reading);
}

TEST_F(Tokens, GiveRolesToMqtt311Clients) {
    Broker broker(site);
    const auto porter = std::make_unique<mqtt::Client>(
        broker.port(), mqtt::v311,
        mqtt::Tls{.ca = site.ca(), .certificate = site.certificate("porter"), .key = site.key("porter")});
    ASSERT_EQ(
        porter
            ->connect({.version = mqtt::v311, .client_id = "porter", .username = "porter", .password = token("porter")})
            .reason,
        0)
        << broker.log();
    EXPECT_EQ(subscribe(*porter), 1);
}

TEST_F(Tokens, ThatWereStolenAreRefused) {
    Broker broker(site);
    EXPECT_EQ(connect(*client(broker, "clinician"), "clinician", token("porter")), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=token_not_bound principal=\"clinician\"")) << broker.log();
    EXPECT_EQ(connect_to_renew(*client(broker, "clinician"), "clinician", token("porter")), not_authorised);
}

TEST_F(Tokens, FromAnotherIssuerAreRefused) {
    Broker broker(site);
    const TestKey stranger = TestKey::p256("2026");
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", token(stranger, "porter")), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=token_signature principal=\"porter\"")) << broker.log();
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", "not a token \xff"), not_authorised);
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", "password"), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=token_malformed principal=\"porter\"")) << broker.log();
}

TEST_F(Tokens, AreMandatoryWhereTheyAreRequired) {
    configure(", required: true");
    Broker broker(site);
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", ""), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=token_missing principal=\"porter\"")) << broker.log();
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", token("porter")), 0);
}

TEST_F(Tokens, EndTheSessionWhenTheyExpire) {
    Broker broker(site);
    const auto porter = client(broker, "porter");
    ASSERT_EQ(connect(*porter, "porter", token("porter", soon)), 0) << broker.log();
    ASSERT_EQ(subscribe(*porter), 1);
    EXPECT_TRUE(dropped(*porter));
    EXPECT_TRUE(broker.logs("refused session: reason=token_expired principal=\"porter\"")) << broker.log();
}

TEST_F(Tokens, FillTheQueueOfAnAbsentClientThatReturnsWithANewOne) {
    Broker broker(site);
    queue_for_porter(broker, token("porter"));
    const auto porter = client(broker, "porter");
    ASSERT_TRUE(resume(*porter, token("porter"))) << broker.log();
    while (porter->poll(Milliseconds(700))) {
    }
    const auto received = porter->take();
    ASSERT_EQ(received.size(), 1U) << broker.log();
    Application application(site, "porter");
    EXPECT_EQ(application.open(pulse_topic, bytes(received.front().payload)), reading);
}

TEST_F(Tokens, LeaveNothingForAClientThatReturnsWithoutOne) {
    Broker broker(site);
    queue_for_porter(broker, token("porter"));
    const auto porter = client(broker, "porter");
    ASSERT_TRUE(resume(*porter, "")) << broker.log();
    EXPECT_TRUE(porter->ping());
    EXPECT_TRUE(porter->take().empty());
    EXPECT_EQ(subscribe(*porter), not_authorised);
}

TEST_F(Tokens, AreRenewedByReauthentication) {
    Broker broker(site);
    const auto porter = client(broker, "porter");
    ASSERT_EQ(connect_to_renew(*porter, "porter", token("porter", soon)), 0) << broker.log();
    ASSERT_EQ(subscribe(*porter), 1);
    EXPECT_EQ(porter->authenticate(reauthenticate, authentication(token("porter"))), 0) << broker.log();
    const auto other = client(broker, "clinician");
    ASSERT_EQ(connect_to_renew(*other, "clinician", token("clinician", soon)), 0);
    ASSERT_TRUE(dropped(*other)) << "the first token of porter has ended by now, too";
    EXPECT_TRUE(porter->ping());
    EXPECT_EQ(subscribe(*porter), 1);
}

TEST_F(Tokens, ThatWereStolenEndTheSessionTheyShouldRenew) {
    Broker broker(site);
    const auto porter = client(broker, "porter");
    ASSERT_EQ(connect_to_renew(*porter, "porter", token("porter")), 0) << broker.log();
    EXPECT_EQ(porter->authenticate(reauthenticate, authentication(token("clinician"))), -1);
    EXPECT_TRUE(broker.logs("refused reauthenticate: reason=token_not_bound principal=\"porter\"")) << broker.log();
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", token("porter")), 0) << "the broker goes on";
}

TEST_F(Tokens, AreAcceptedByNoOtherMethod) {
    Broker broker(site);
    EXPECT_EQ(connect_to_renew(*client(broker, "porter"), "porter", token("porter"), "SCRAM-SHA-1"), bad_method);
    EXPECT_EQ(connect_to_renew(*client(broker, "porter"), "porter", ""), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=token_malformed principal=\"porter\"")) << broker.log();
}

TEST_F(Tokens, AreAcceptedByNoMethodUnlessConfigured) {
    const Site plain;
    plain.add("porter", "porter");
    Broker broker(plain);
    mqtt::Client porter(
        broker.port(), mqtt::v5,
        mqtt::Tls{.ca = plain.ca(), .certificate = plain.certificate("porter"), .key = plain.key("porter")});
    EXPECT_EQ(connect_to_renew(porter, "porter", token("porter")), bad_method);
}

TEST_F(Tokens, CannotBeRequestedByAnUnsolicitedAuth) {
    Broker broker(site);
    for (const bool with_method : {false, true}) {
        const auto porter = client(broker, "porter");
        ASSERT_EQ(connect_to_renew(*porter, "porter", token("porter")), 0) << broker.log();
        if (with_method) {
            (void)porter->authenticate(0x18, authentication(token("porter")));
        } else {
            (void)porter->authenticate({});
        }
        EXPECT_TRUE(dropped(*porter)) << broker.log();
    }
    const auto porter = client(broker, "porter");
    EXPECT_EQ(connect(*porter, "porter", token("porter")), 0) << "the broker goes on";
    EXPECT_TRUE(porter->ping());
}

// The broker is told to drop the client just after it left by itself. 2.0 does not notice, and then has its session
// twice.
TEST_F(Tokens, CannotBeRequestedByAClientThatLeavesAtOnce) {
    const SpoiltMemory spoilt;
    Broker broker(site);
    for (const char* client_id : {"porter", "porter/a", "porter/b"}) {
        const auto porter = client(broker, "porter");
        const mqtt::Connect connect{.client_id = client_id,
                                    .clean = false,
                                    .properties = {{.id = mqtt::Id::session_expiry, .number = 1},
                                                   {.id = mqtt::Id::auth_method, .text = method},
                                                   {.id = mqtt::Id::auth_data, .text = token("porter")}}};
        ASSERT_EQ(porter->connect(connect).reason, 0) << broker.log();
        mqtt::Bytes both = mqtt::Writer().packet(mqtt::Type::auth);
        const mqtt::Bytes leaving = mqtt::Writer().packet(mqtt::Type::disconnect);
        both.insert(both.end(), leaving.begin(), leaving.end());
        porter->send_part(both);
        (void)porter->ping();
    }
    std::this_thread::sleep_for(Milliseconds(3500));  // they expire
    const auto porter = client(broker, "porter");
    EXPECT_EQ(connect(*porter, "porter", token("porter")), 0) << "the broker goes on";
    broker.stop();
}

TEST_F(Tokens, StayInForceWhenTheBrokerReloads) {
    Broker broker(site);
    const auto porter = client(broker, "porter");
    const auto clinician = client(broker, "clinician");
    ASSERT_EQ(connect_to_renew(*porter, "porter", token("porter")), 0) << broker.log();
    ASSERT_EQ(connect(*clinician, "clinician", token("clinician")), 0) << broker.log();
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    EXPECT_TRUE(porter->ping()) << broker.log();
    EXPECT_TRUE(clinician->ping());
    EXPECT_EQ(subscribe(*porter), 1);
}

TEST_F(Tokens, FollowTheIssuersKeys) {
    Broker broker(site);
    const TestKey next = TestKey::rsa("2027");
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", token(next, "porter")), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=token_key_unknown")) << broker.log();
    write_all(site.path("jwks.json"), jwks({next}));
    ASSERT_TRUE(broker.logs("loaded the issuer's keys"));
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", token(next, "porter")), 0) << broker.log();
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", token("porter")), not_authorised);
    write_all(site.path("jwks.json"), "half a se");
    EXPECT_TRUE(broker.logs("alert reload_failed: the issuer's former keys stay in force")) << broker.log();
    EXPECT_EQ(connect(*client(broker, "porter"), "porter", token(next, "porter")), 0);
}

TEST_F(Tokens, RequireKeysAtTheStart) {
    write_all(site.path("jwks.json"), "{}");
    EXPECT_NE(refused_start(site).find("jwks.json: keys: this is not a JWK set"), std::string::npos);
}

}  // namespace
}  // namespace harness
