// SPDX-License-Identifier: Apache-2.0
// Who may connect, and as whom.
#include "harness/ward.h"
#include "mqtt/client.h"

namespace harness {
namespace {

class Identity : public Ward {
  protected:
    // The broker's listener without TLS, under loopback_listeners.
    void name_plain_listener(Broker& broker) const {
        broker.stop();
        site.set("loopback_listeners", "[" + std::to_string(broker.plain_port()) + "]");
        broker.start();
    }
};

TEST_F(Identity, IsTheRegisteredCertificates) {
    Broker broker(site);
    Client pico(site, broker, "pico1");
    EXPECT_EQ(pico.connect(), 0);
    EXPECT_TRUE(broker.logs("u'pico1'"));
}

TEST_F(Identity, FromAnotherCaCannotConnect) {
    Site elsewhere;
    elsewhere.add("pico1", "wearable");
    Broker broker(site);
    Client impostor(site, broker, "pico1", {.certificate_folder = elsewhere.path("principals/pico1")});
    EXPECT_NE(impostor.connect(), 0);
}

TEST_F(Identity, OfAnUnregisteredCertificateFromOurCaCannotConnect) {
    const std::string folder = site.path("principals/pico1");
    const std::string request =
        "cd " + folder +
        " && mkdir stray && cp pico1.key stray/ && openssl req -new -key pico1.key -subj /CN=pico1 | "
        "openssl x509 -req -CA " +
        site.ca() + " -CAkey " + site.path("ca/ca.key") + " -CAcreateserial -days 2 -out stray/pico1.crt";
    ASSERT_EQ(run({"sh", "-c", request}).status, 0);
    Broker broker(site);
    Client stray(site, broker, "pico1", {.certificate_folder = folder + "/stray"});
    EXPECT_EQ(stray.connect(), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=unknown_certificate"));
}

// With such a listener the broker itself logs clients in by the name in a certificate, without asking a plugin.
TEST_F(Identity, IsNeverTheNameThatTheBrokerTakesFromACertificate) {
    const std::string folder = site.path("principals/clinician");
    const std::string request = "cd " + folder +
                                " && mkdir stray && cp clinician.key stray/ && openssl req -new -key clinician.key "
                                "-subj /CN=clinician | openssl x509 -req -CA " +
                                site.ca() + " -CAkey " + site.path("ca/ca.key") +
                                " -CAcreateserial -days 2 -out stray/clinician.crt";
    ASSERT_EQ(run({"sh", "-c", request}).status, 0);
    Broker broker(site);
    broker.stop();
    std::string conf = read_all(site.path("mosquitto.conf"));
    const std::string after = "require_certificate true\n";
    write_all(site.path("mosquitto.conf"),
              conf.insert(conf.find(after) + after.size(), "use_identity_as_username true\n"));
    broker.start();
    Client stray(site, broker, "clinician", {.certificate_folder = folder + "/stray"});
    ASSERT_EQ(stray.connect(), 0) << "nothing can be done against it";
    if (!Mosquitto::seals_when_sent()) {  // 2.1 tells of the client at once
        EXPECT_EQ(stray.subscribe("ward/#"), not_authorised);
    }
    EXPECT_TRUE(broker.logs("write use_identity_as_username false")) << broker.log();
    EXPECT_TRUE(stray.dropped());
}

TEST_F(Identity, TiesTheClientIdToThePrincipal) {
    Broker broker(site);
    for (const auto* wrong : {"pico2", "pico1x", "pico1/", "clinician/1"}) {
        Client pico(site, broker, "pico1", {.client_id = wrong});
        EXPECT_EQ(pico.connect(), not_authorised) << wrong;
    }
    EXPECT_TRUE(broker.logs("reason=client_id_not_tied principal=\"pico1\" client=\"clinician/1\""));
    Client pico(site, broker, "pico1", {.client_id = "pico1/left-wrist"});
    EXPECT_EQ(pico.connect(), 0);
}

TEST_F(Identity, OfANewPrincipalIsKnownWithoutARestart) {
    Broker broker(site);
    site.add("pico3", "wearable");
    Client pico(site, broker, "pico3");
    EXPECT_TRUE(comes_to(0, pico)) << broker.log();
}

TEST_F(Identity, OfARevokedPrincipalIsDroppedAndCannotConnect) {
    Broker broker(site);
    Client pico(site, broker, "pico1");
    Client other(site, broker, "pico2");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(other.connect(), 0);
    site.revoke("pico1");
    EXPECT_TRUE(pico.dropped());
    EXPECT_TRUE(broker.logs("refused session: reason=principal_revoked principal=\"pico1\""));
    Client again(site, broker, "pico1", {.client_id = "pico1/again"});
    EXPECT_EQ(again.connect(), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=principal_revoked principal=\"pico1\""));
    Device device(site, "pico2");
    EXPECT_EQ(other.publish("ward/pico2/x", device.seal("ward/pico2/x", "still here")), 0);
}

TEST_F(Identity, OfAReinstatedPrincipalIsWhatItWas) {
    Broker broker(site);
    Device device(site, "pico1");
    const Bytes before = device.seal("ward/pico1/x", "before");
    {
        Client pico(site, broker, "pico1");
        ASSERT_EQ(pico.connect(), 0);
        EXPECT_EQ(pico.publish("ward/pico1/x", before), 0);
        site.revoke("pico1");
        EXPECT_TRUE(pico.dropped());
    }
    site.provision({"reinstate", "pico1", "--why", "the wrong one"});
    const auto back_in = [&] { return Client(site, broker, "pico1").connect() == 0; };
    EXPECT_TRUE(eventually(back_in));
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    EXPECT_EQ(pico.publish("ward/pico1/x", device.seal("ward/pico1/x", "after")), 0);
    EXPECT_EQ(pico.publish("ward/pico1/x", before), 0);
    EXPECT_TRUE(broker.logs("reason=replay principal=\"pico1\"")) << "what was accepted before stays so";
}

TEST_F(Identity, OfAPrincipalWhoseRolesChangeHasTheirRightsAtOnce) {
    Broker broker(site);
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    Device device(site, "pico1");
    site.provision({"roles", "pico1", "--add", "clinician", "--remove", "wearable"});
    EXPECT_TRUE(eventually([&] {
        (void)pico.publish("ward/pico1/x", device.seal("ward/pico1/x", "no longer"));
        return broker.log().find("refused publish: reason=publish_not_allowed principal=\"pico1\"") !=
               std::string::npos;
    })) << broker.log();
}

TEST_F(Identity, OfARevokedCertificateIsDroppedAndTheOthersStay) {
    Broker broker(site);
    Client old(site, broker, "pico1");
    ASSERT_EQ(old.connect(), 0);
    const std::string shown = site.provision({"show", "pico1"});
    const std::string sha256 = shown.substr(shown.find("SHA-256 ") + 8, 64);
    site.provision({"renew", "pico1"});
    site.provision({"revoke", "pico1", "--certificate", sha256, "--reason", "stolen"});
    EXPECT_TRUE(old.dropped());
    EXPECT_TRUE(broker.logs("refused session: reason=certificate_revoked principal=\"pico1\""));
    Client fresh(site, broker, "pico1");
    EXPECT_EQ(fresh.connect(), 0);
}

TEST_F(Identity, OfARevokedPrincipalIsDroppedEvenByAnIdleBroker) {
    Broker broker(site, "sys_interval 0\n");
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    site.revoke("pico1");
    EXPECT_TRUE(pico.dropped());
}

TEST_F(Identity, OfARevokedPrincipalReceivesNothingMore) {
    Broker broker(site);
    const ClientOptions options{.client_id = "clinician/night", .clean = false, .session_seconds = 600};
    {
        Client night(site, broker, "clinician", options);
        ASSERT_EQ(night.connect(), 0);
        ASSERT_EQ(night.subscribe("ward/#"), 1);
    }
    site.revoke("clinician");
    Client day(site, broker, "clinician", {.client_id = "clinician/day"});
    ASSERT_TRUE(comes_to(not_authorised, day)) << broker.log();
    const bool deletes_sessions = !Broker::version().starts_with("2.0.");
    if (deletes_sessions) {
        ASSERT_TRUE(broker.logs("deleted the stored session of a revoked principal, client clinician/night"));
    }
    Device device(site, "pico1");
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    if (deletes_sessions) {
        EXPECT_EQ(broker.log().find("reason=no_session"), std::string::npos) << "there is none to deliver to";
        return;
    }
    EXPECT_TRUE(broker.logs("refused deliver: reason=no_session principal=\"clinician\""));
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    const std::string log = broker.log();
    EXPECT_EQ(log.find("reason=no_session"), log.rfind("reason=no_session")) << "said once";
}

TEST_F(Identity, WithoutTlsIsProvenByASealedConnectOnce) {
    site.set("loopback_listeners", "[]");
    std::uint16_t plain = 0;
    Broker broker(site);
    plain = broker.plain_port();
    Device device(site, "pico1");
    const std::string unnamed = device.proof("pico1");
    Client refused(site, broker, "pico1", {.tls = false, .username = "pico1", .password = unnamed});
    EXPECT_EQ(refused.connect(), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=no_certificate"));

    broker.stop();
    site.set("loopback_listeners", "[" + std::to_string(plain) + "]");
    broker.start();
    const std::string once = device.proof("pico1");
    Client pico(site, broker, "pico1", {.tls = false, .username = "pico1", .password = once});
    ASSERT_EQ(pico.connect(), 0);
    EXPECT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    pico.disconnect();
    Client again(site, broker, "pico1", {.tls = false, .username = "pico1", .password = once});
    EXPECT_EQ(again.connect(), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=replay principal=\"pico1\""));
    Client moved(site, broker, "pico1",
                 {.client_id = "pico1/b", .tls = false, .username = "pico1", .password = device.proof("pico1/a")});
    EXPECT_EQ(moved.connect(), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=bad_tag principal=\"pico1\""));
    Client nothing(site, broker, "pico1", {.tls = false, .username = "pico1", .password = "secret"});
    EXPECT_EQ(nothing.connect(), not_authorised);
}

TEST_F(Identity, ProvenByASealedConnectSurvivesAReload) {
    Broker broker(site);
    name_plain_listener(broker);
    Device device(site, "pico1");
    Client pico(site, broker, "pico1", {.tls = false, .username = "pico1", .password = device.proof("pico1")});
    ASSERT_EQ(pico.connect(), 0) << broker.log();
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    EXPECT_EQ(pico.publish("ward/pico1/x", device.seal("ward/pico1/x", "still here")), 0) << broker.log();
}

// Debian's logrotate sends SIGHUP each day.
TEST_F(Identity, OfAbsentClientsIsNotCheckedOnReload) {
    Broker broker(site);
    name_plain_listener(broker);
    Device device(site, "pico1");
    const auto options = [&](const std::string& client_id) {
        return ClientOptions{.client_id = client_id,
                             .clean = false,
                             .session_seconds = 3600,
                             .tls = false,
                             .username = "pico1",
                             .password = device.proof(client_id)};
    };
    {
        Client subscriber(site, broker, "pico1", options("pico1/a"));
        ASSERT_EQ(subscriber.connect(), 0) << broker.log();
        ASSERT_LE(subscriber.subscribe("commands/pico1/x"), 1);
        subscriber.disconnect();
        Client publisher(site, broker, "pico1", options("pico1/b"));
        ASSERT_EQ(publisher.connect(), 0) << broker.log();
        publisher.disconnect();
    }
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    Client stranger(site, broker, "pico1", options("pico1/c"));
    ASSERT_EQ(stranger.connect(), 0) << "after the reload";
    EXPECT_EQ(broker.log().find("refused"), std::string::npos) << broker.log();
    Client thief(site, broker, "pico1", {.client_id = "pico1/a", .tls = false, .username = "pico1", .password = "x"});
    EXPECT_EQ(thief.connect(), not_authorised);
}

// If Mosquitto 2.0 is told to end a session whose client is away, it puts the session on its expiry list twice.
TEST_F(Identity, OfAbsentClientsIsNotCheckedInAWayThatBreaksTheBrokersList) {
    const SpoiltMemory spoilt;
    Broker broker(site);
    name_plain_listener(broker);
    Device device(site, "pico1");
    for (const char* id : {"pico1/a", "pico1/b", "pico1/c"}) {
        Client publisher(site, broker, "pico1",
                         {.client_id = id,
                          .clean = false,
                          .session_seconds = 2,
                          .tls = false,
                          .username = "pico1",
                          .password = device.proof(id)});
        ASSERT_EQ(publisher.connect(), 0) << broker.log();
        publisher.disconnect();
    }
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    EXPECT_TRUE(broker.logs("Expiring client pico1/c")) << broker.log();
    std::this_thread::sleep_for(Milliseconds(1500));  // the second time
    Client pico(site, broker, "pico1", {.tls = false, .username = "pico1", .password = device.proof("pico1")});
    EXPECT_EQ(pico.connect(), 0) << broker.log();
    broker.stop();
}

TEST_F(Identity, IsNotProvenOnAListenerReachableFromOtherMachines) {
    const std::uint16_t open = free_port();
    site.set("loopback_listeners", "[" + std::to_string(open) + "]");
    Broker broker(site, "listener " + std::to_string(open) + " 0.0.0.0\n");
    Device device(site, "pico1");
    Client pico(site, broker, "pico1", {.tls = false, .username = "pico1", .password = device.proof("pico1")});
    EXPECT_EQ(pico.connect(), not_authorised);
    EXPECT_TRUE(broker.logs("other machines can reach port " + std::to_string(open)));
}

// A TLS-PSK listener.
class PskListener : public Identity {
  protected:
    PskListener() {
        site.set("loopback_listeners", "[]");
        site.set("psk_listeners", "[" + std::to_string(port) + "]");
    }

    [[nodiscard]] std::string conf() const {
        return "listener " + std::to_string(port) + " 0.0.0.0\npsk_hint reseal\n";
    }

    ClientOptions options(const std::string& password) const {
        return {.port = port, .username = "pico1", .password = password, .psk = true};
    }

    std::string proof() { return device.proof("pico1", RESEAL_LISTENER_PSK); }

    std::uint16_t port = free_port();
    Device device{site, "pico1"};
};

TEST_F(PskListener, AcceptsASealedConnectUnderThePrincipalsOwnKey) {
    Broker broker(site, conf());
    Client pico(site, broker, "pico1", options(proof()));
    ASSERT_EQ(pico.connect(), 0) << broker.log();
    EXPECT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
}

TEST_F(PskListener, AdmitsNobodyByTheChannelAlone) {
    Broker broker(site, conf());
    Client pico(site, broker, "pico1", options("no proof"));
    EXPECT_EQ(pico.connect(), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=bad_connect_proof principal=\"pico1\""));
}

// A sealed CONNECT is not bound to its channel: somebody else's device may have relayed it.
TEST_F(PskListener, LetsNothingTravelInClear) {
    site.write_acl("version: 1\nroles: {wearable: {publish: [{topic: 'ward/{id}/#', clear: true}]}}\n");
    Broker broker(site, conf());
    for (const std::string key_of : {"pico1", "pico2"}) {
        ClientOptions relayed = options(proof());
        relayed.client_id = "pico1";
        Client client(site, broker, key_of, relayed);
        ASSERT_EQ(client.connect(), 0) << broker.log();
        EXPECT_EQ(client.publish(pulse_topic, bytes("72")), not_authorised);
        EXPECT_TRUE(broker.logs("refused publish: reason=channel_not_protected principal=\"pico1\""));
        EXPECT_EQ(client.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    }
}

TEST_F(PskListener, RefusesAConnectionWithoutTls) {
    Broker broker(site, conf());
    Client pico(site, broker, "pico1", {.tls = false, .port = port, .username = "pico1", .password = proof()});
    EXPECT_EQ(pico.connect(), -1);
}

TEST_F(PskListener, RefusesAConnectionFromARevokedPrincipal) {
    Broker broker(site, conf());
    Client before(site, broker, "pico1", options(proof()));
    Client pico(site, broker, "pico1", options(proof()));
    ASSERT_EQ(before.connect(), 0) << broker.log();
    site.revoke("pico1");
    ASSERT_TRUE(before.dropped());
    EXPECT_EQ(pico.connect(Milliseconds(2000)), -1);
    EXPECT_TRUE(broker.logs("refused tls-psk: reason=principal_revoked principal=\"pico1\""));
}

// Two listeners without TLS that other machines could reach, one of them named under sealed_listeners.
class SealedListener : public Identity {
  protected:
    SealedListener() {
        site.set("loopback_listeners", "[]");
        site.set("sealed_listeners", "[" + std::to_string(named) + "]");
    }

    std::string conf() const {
        return "listener " + std::to_string(named) + " 0.0.0.0\nlistener " + std::to_string(other) + " 0.0.0.0\n";
    }

    ClientOptions options(std::uint16_t port) {
        return {
            .tls = false, .port = port, .username = "pico1", .password = device.proof("pico1", RESEAL_LISTENER_SEALED)};
    }

    std::uint16_t named = free_port();
    std::uint16_t other = free_port();
    Device device{site, "pico1"};
};

TEST_F(SealedListener, AcceptsASealedConnectWithoutTls) {
    Broker broker(site, conf());
    Client pico(site, broker, "pico1", options(named));
    ASSERT_EQ(pico.connect(), 0);
    EXPECT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
}

TEST_F(SealedListener, RefusesAProofForAnotherKindOfListener) {
    Broker broker(site, conf());
    for (const reseal_listener kind : {RESEAL_LISTENER_LOOPBACK, RESEAL_LISTENER_PSK, RESEAL_LISTENER_TLS}) {
        ClientOptions elsewhere = options(named);
        elsewhere.password = device.proof("pico1", kind);
        Client pico(site, broker, "pico1", elsewhere);
        EXPECT_EQ(pico.connect(), not_authorised) << kind;
    }
    EXPECT_TRUE(broker.logs("refused connect: reason=bad_tag principal=\"pico1\""));
}

TEST_F(SealedListener, IsTheOnlyOneThatAcceptsASealedConnect) {
    Broker broker(site, conf());
    Client pico(site, broker, "pico1", options(other));
    EXPECT_EQ(pico.connect(), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=no_certificate"));
}

// Whoever is on the path can set and clear them.
class FlagsOverSealedListener : public SealedListener {
  protected:
    // What the nurse receives of a reading whose CONNECT and PUBLISH carry properties that are not sealed, and what a
    // second nurse gets retained. With `as_will` the reading is the will of a client that is lost.
    void publish(const Broker& broker, bool as_will) {
        const mqtt::Properties properties{{.id = mqtt::Id::content_type, .text = "forged/type"}};
        const std::string message = text(device.seal(pulse_topic, reading));
        mqtt::Connect connect{.client_id = "pico1"};
        connect.username = "pico1";
        if (as_will) {
            connect.will = {.topic = pulse_topic, .payload = message, .retain = true, .properties = properties};
        }
        connect.password = device.proof("pico1", RESEAL_LISTENER_SEALED);
        mqtt::Client pico(named, mqtt::v5);
        ASSERT_EQ(pico.connect(connect).reason, 0) << broker.log();
        // Not earlier: Mosquitto 2.0 does not tell which listener a client connected to, and both have the same
        // address.
        Client nurse(site, broker, "clinician");
        Application opener(site, "clinician");
        ASSERT_EQ(nurse.connect(), 0);
        ASSERT_EQ(nurse.subscribe("ward/#"), 1);
        if (as_will) {
            pico.crash();
        } else {
            ASSERT_EQ(
                pico.publish(
                    {.topic = pulse_topic, .payload = message, .qos = 1, .retain = true, .properties = properties}),
                0)
                << broker.log();
        }
        const auto received = nurse.receive();
        ASSERT_TRUE(received) << broker.log();
        EXPECT_EQ(opener.open(pulse_topic, received->payload), reading);
        EXPECT_NE(received->content_type, "forged/type");
        Client second(site, broker, "clinician", {.client_id = "clinician/2"});
        ASSERT_EQ(second.connect(), 0);
        ASSERT_EQ(second.subscribe("ward/#"), 1);
        retained = second.receive(Milliseconds(700)).has_value();
    }
    bool retained = false;
};

TEST_F(FlagsOverSealedListener, AreIgnored) {
    for (const bool as_will : {false, true}) {
        const Broker broker(site, conf());
        publish(broker, as_will);
        EXPECT_FALSE(retained) << as_will;
        EXPECT_TRUE(broker.logs("messages of pico1 are not retained"));
    }
}

TEST_F(FlagsOverSealedListener, AreHonouredWhereTheAclSaysSo) {
    site.write_acl(
        "version: 1\nroles:\n  wearable: {publish: [{topic: \"ward/{id}/#\", retain: always}]}\n"
        "  clinician: {subscribe: [\"ward/#\"]}\n");
    for (const bool as_will : {true, false}) {
        const Broker broker(site, conf());
        publish(broker, as_will);
        EXPECT_TRUE(retained) << as_will << broker.log();
    }
}

TEST_F(SealedListener, LetsNothingTravelInClear) {
    site.write_acl("version: 1\nroles:\n  wearable: {publish: [{topic: \"ward/{id}/#\", clear: true}]}\n");
    Broker broker(site, conf());
    Client pico(site, broker, "pico1", options(named));
    ASSERT_EQ(pico.connect(), 0);
    EXPECT_EQ(pico.publish(pulse_topic, bytes(reading)), not_authorised);
    EXPECT_TRUE(broker.logs("reason=channel_not_protected principal=\"pico1\""));
}

// After a restart nothing records which channel the display had used.
TEST_F(SealedListener, LetsNothingQueuedAcrossARestartTravelInClear) {
    site.set("queue_clear", "true");
    site.add("screen", "display");
    site.write_acl(
        "version: 1\nroles:\n  wearable: {publish: [\"ward/{id}/#\"]}\n"
        "  display: {subscribe: [{topic: \"ward/+/vitals/pulse\", clear: true}]}\n");
    Broker broker(site, conf());
    Device display(site, "screen");
    const auto screen_options = [&] {
        return ClientOptions{.clean = false,
                             .session_seconds = 600,
                             .tls = false,
                             .port = named,
                             .username = "screen",
                             .password = display.proof("screen", RESEAL_LISTENER_SEALED)};
    };
    {
        Client screen(site, broker, "screen", screen_options());
        ASSERT_EQ(screen.connect(), 0);
        ASSERT_EQ(screen.subscribe("ward/+/vitals/pulse"), 1);
    }
    broker.stop();
    broker.start();
    Client pico(site, broker, "pico1", options(named));
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    Client screen(site, broker, "screen", screen_options());
    ASSERT_EQ(screen.connect(), 0);
    EXPECT_TRUE(silent(screen));
    EXPECT_TRUE(broker.logs("refused deliver: reason=channel_not_protected principal=\"screen\"")) << broker.log();
}

TEST_F(SealedListener, IsNotMistakenForAnotherWithTheSameAddress) {
    Broker broker(site, conf());
    Client beside(site, broker, "clinician");
    ASSERT_EQ(beside.connect(), 0);
    Client pico(site, broker, "pico1", options(named));
    if (Broker::version().starts_with("2.0.")) {
        EXPECT_EQ(pico.connect(), not_authorised);
        EXPECT_TRUE(broker.logs("refused connect: reason=listener_not_named"));
        beside.disconnect();
        Client later(site, broker, "pico1", options(named));
        EXPECT_EQ(later.connect(), 0);
        return;
    }
    EXPECT_EQ(pico.connect(), 0) << "from 2.1 on, the broker tells";
    Client elsewhere(site, broker, "pico1", options(other));
    EXPECT_EQ(elsewhere.connect(), not_authorised);
}

}  // namespace
}  // namespace harness
