// Who is let in, and who is dropped.
#include "gateway/gateway_fixture.h"

namespace reseal::gateway::test {
namespace {

TEST_F(GatewayTest, ConnectsARegisteredCertificateOnly) {
    EXPECT_NE(gateway_->connect(peer("pico"), now), nullptr);
    EXPECT_EQ(gateway_->connect(peer("stranger"), now), nullptr);
    EXPECT_NE(log_.find("reason=unknown_certificate"), std::string::npos);
}

TEST_F(GatewayTest, FindsACertificateByItsSerialNumberAloneWhereThatIsWhatCounts) {
    constexpr std::array<std::uint8_t, 3> serial{1, 0, 0xFF};
    ASSERT_TRUE(registry().add_certificate("pico", keyring::serial_id(serial), {}));
    (void)gateway_->refresh(now);
    Peer by_serial = peer("stranger");
    by_serial.client_id = "pico";
    by_serial.certificate->by_serial = keyring::serial_id(serial);
    Session* session = gateway_->connect(by_serial, now);
    ASSERT_NE(session, nullptr) << log_;
    EXPECT_EQ(session->principal, "pico");
    EXPECT_TRUE(gateway_->refresh(now).empty());
    ASSERT_TRUE(registry().revoke("pico", {"lost", {}}));
    EXPECT_EQ(gateway_->refresh(now), std::vector<std::string>{"pico"});
    EXPECT_NE(log_.find("known by its serial number"), std::string::npos) << log_;

    by_serial = peer("nurse");
    by_serial.certificate->by_serial = keyring::serial_id(std::array<std::uint8_t, 1>{9});
    EXPECT_EQ(gateway_->connect(by_serial, now), nullptr) << "its hash is registered, and does not count";
    EXPECT_NE(log_.find("reason=unknown_certificate"), std::string::npos);
}

TEST_F(GatewayTest, RefusesACertificateOutsideItsDates) {
    EXPECT_EQ(gateway_->connect(peer("pico"), now + 101), nullptr);
    EXPECT_NE(log_.find("reason=certificate_expired"), std::string::npos);
    EXPECT_EQ(gateway_->connect(peer("pico"), now - 101), nullptr);
    EXPECT_NE(log_.find("reason=certificate_not_yet_valid"), std::string::npos);
}

TEST_F(GatewayTest, DropsALiveSessionWhoseCertificateExpires) {
    session("pico");
    EXPECT_TRUE(gateway_->refresh(now).empty());
    EXPECT_EQ(gateway_->refresh(now + 101), std::vector<std::string>{"pico"});
}

TEST_F(GatewayTest, DropsALiveSessionThatIsRevokedAndRefusesItsNextConnect) {
    session("pico");
    ASSERT_TRUE(
        keyring::AdminRegistry::open(folder_ + "/registry.db", keyring::writer_patience)->revoke("pico", {"lost", {}}));
    EXPECT_EQ(gateway_->refresh(now), std::vector<std::string>{"pico"});
    EXPECT_EQ(gateway_->connect(peer("pico"), now), nullptr);
    EXPECT_NE(log_.find("refused connect: reason=principal_revoked"), std::string::npos);
}

TEST_F(GatewayTest, KnowsANewPrincipalAfterARefresh) {
    EXPECT_EQ(gateway_->connect(peer("pico2"), now), nullptr);
    add("pico2", "wearable");
    (void)gateway_->refresh(now);
    EXPECT_NE(gateway_->connect(peer("pico2"), now), nullptr);
}

TEST_F(GatewayTest, SaysOnceThatTheRegistryStaysUnreadableAndKeepsWhatItHas) {
    session("pico");
    std::filesystem::resize_file(folder_ + "/registry.db", 100);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(gateway_->refresh(now).empty());
    }
    const std::size_t said = log_.find("revocations among them, are not seen");
    EXPECT_NE(said, std::string::npos) << log_;
    EXPECT_EQ(said, log_.rfind("revocations among them, are not seen"));
}

std::string proof_of(Endpoint& device, reseal_listener kind = RESEAL_LISTENER_SEALED) {
    const auto sealed = device.seal("", std::string(reseal_connect_prefix(kind)) + "pico");
    std::string proof(sodium_base64_encoded_len(sealed.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(proof.data(), proof.size(), sealed.data(), sealed.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    proof.pop_back();
    return proof;
}

TEST_F(GatewayTest, LooksForTheListenerOnlyOfAClientWhoseProofIsRight) {
    Endpoint device(credentials("pico"));
    const std::string proof = proof_of(device);
    int looks = 0;
    Listener found = Listener::unsure;
    const auto connect = [&](std::string_view username, std::string_view password) {
        const Peer peer{.client_id = "pico",
                        .username = username,
                        .password = password,
                        .listener = std::nullopt,
                        .look_for_listener = [&] {
                            ++looks;
                            return found;
                        }};
        return gateway_->connect(peer, now) != nullptr;
    };
    EXPECT_FALSE(connect("", ""));
    EXPECT_FALSE(connect("stranger", proof));
    EXPECT_FALSE(connect("pico", "no proof"));
    std::string forged = proof;
    forged.back() = forged.back() == 'A' ? 'B' : 'A';
    EXPECT_FALSE(connect("pico", forged));
    EXPECT_EQ(looks, 0);
    EXPECT_FALSE(connect("pico", proof));
    EXPECT_NE(log_.find("reason=listener_not_named"), std::string::npos) << log_;
    found = Listener::sealed;
    EXPECT_TRUE(connect("pico", proof)) << "one that was refused for its listener was not used up" << log_;
    EXPECT_EQ(looks, 2);
    EXPECT_FALSE(connect("pico", proof));
    EXPECT_EQ(looks, 2) << "a replay";
}

TEST_F(GatewayTest, TakesAProofForTheKindOfListenerThatItWasMadeForOnly) {
    Endpoint device(credentials("pico"));
    const std::map<Listener, reseal_listener> kinds = {{Listener::loopback, RESEAL_LISTENER_LOOPBACK},
                                                       {Listener::sealed, RESEAL_LISTENER_SEALED},
                                                       {Listener::psk, RESEAL_LISTENER_PSK}};
    for (const auto& [listener, right] : kinds) {
        for (const reseal_listener kind :
             {RESEAL_LISTENER_SEALED, RESEAL_LISTENER_LOOPBACK, RESEAL_LISTENER_PSK, RESEAL_LISTENER_TLS}) {
            const std::string proof = proof_of(device, kind);
            const Peer told{.client_id = "pico", .username = "pico", .password = proof, .listener = listener};
            const Peer looked_up{.client_id = "pico",
                                 .username = "pico",
                                 .password = proof,
                                 .listener = std::nullopt,
                                 .look_for_listener = [listener = listener] { return listener; }};
            if (listener != Listener::loopback && kind != right) {
                EXPECT_EQ(gateway_->connect(looked_up, now), nullptr) << kind;
            }
            EXPECT_EQ(gateway_->connect(told, now) != nullptr, kind == right) << kind;
        }
    }
}

TEST_F(GatewayTest, OverWebSocketsTakesALoopbackProofAndGrantsNothingInClear) {
    Endpoint device(credentials("pico"));
    for (const reseal_listener kind : {RESEAL_LISTENER_LOOPBACK, RESEAL_LISTENER_SEALED}) {
        const std::string proof = proof_of(device, kind);
        const Session* session = gateway_->connect(
            {.client_id = "pico", .username = "pico", .password = proof, .listener = Listener::loopback_unsure}, now);
        ASSERT_NE(session, nullptr) << log_;
        EXPECT_EQ(session->channel, kind == RESEAL_LISTENER_SEALED ? Channel::bare : Channel::uncertain);
    }
}

TEST_F(GatewayTest, AsksForAProofOnceAndNotAgainWhenTheBrokerOnlyReloads) {
    Endpoint device(credentials("pico"));
    const std::string proof = proof_of(device);
    Peer peer{.client_id = "pico", .username = "pico", .password = proof, .listener = Listener::sealed};
    const Session* session = gateway_->connect(peer, now);
    ASSERT_NE(session, nullptr) << log_;
    EXPECT_EQ(gateway_->connect(peer, now), nullptr);
    EXPECT_NE(log_.find("reason=replay"), std::string::npos);

    peer.session = session;
    const Session* again = gateway_->connect(peer, now);
    ASSERT_NE(again, nullptr) << log_;
    EXPECT_NE(again->channel, Channel::guarded);
    peer.username = "nurse";
    EXPECT_EQ(gateway_->connect(peer, now), nullptr) << "that is another one's";
    peer.client_id = "nurse";
    EXPECT_EQ(gateway_->connect(peer, now), nullptr);
}

TEST_F(GatewayTest, TiesClientIdsToPrincipals) {
    EXPECT_TRUE(tied("pico", "pico"));
    EXPECT_TRUE(tied("pico", "pico/1"));
    EXPECT_FALSE(tied("pico", "pico/"));
    EXPECT_FALSE(tied("pico", "pico1"));
    EXPECT_FALSE(tied("pico", "pic"));
    EXPECT_FALSE(tied("pico", ""));
}

TEST_F(GatewayTest, NeverLetsTheStorageKeyIn) {
    EXPECT_EQ(gateway_->resume("broker-storage", "broker-storage"), nullptr);
    EXPECT_EQ(gateway_->resume("pico", "nurse"), nullptr);
    EXPECT_NE(gateway_->resume("pico", "pico/1"), nullptr);
}

TEST_F(GatewayTest, TakesTheNameInACertificateThatTheRegistryDoesNotKnow) {
    Peer renewed = peer("pico");
    renewed.certificate->fingerprint = fingerprint("renewed");
    EXPECT_EQ(gateway_->connect(renewed, now), nullptr) << "by fingerprint";
    renewed.certificate->principal = "pico";
    Session* session = gateway_->connect(renewed, now);
    ASSERT_NE(session, nullptr) << log_;
    EXPECT_EQ(session->principal, "pico");
    EXPECT_TRUE(gateway_->refresh(now).empty());
}

TEST_F(GatewayTest, RefusesACertificateThatNamesAnotherThanTheRegistryDoes) {
    Peer both = peer("pico");
    both.certificate->principal = "nurse";
    EXPECT_EQ(gateway_->connect(both, now), nullptr);
    EXPECT_NE(log_.find("reason=certificate_name_ambiguous"), std::string::npos);
    both.certificate->fingerprint = fingerprint("renewed");
    both.certificate->principal = "broker-storage";
    EXPECT_EQ(gateway_->connect(both, now), nullptr);
    EXPECT_NE(log_.find("reason=unknown_principal"), std::string::npos);
}

TEST_F(GatewayTest, RefusesWhatIsWrongWithTheCertificateAlready) {
    Peer revoked = peer("pico");
    revoked.certificate->refusal = Refusal::certificate_not_of_ca;
    EXPECT_EQ(gateway_->connect(revoked, now), nullptr);
    EXPECT_NE(log_.find("reason=certificate_not_of_ca"), std::string::npos);
}

TEST_F(GatewayTest, DropsALiveSessionWhoseCertificateIsRevokedLater) {
    Peer pico = peer("pico");
    pico.certificate->serial = "7";
    (void)gateway_->connect(pico, now);
    (void)session("nurse");
    EXPECT_TRUE(gateway_->refresh(now).empty());
    revoked_serial_ = "7";
    EXPECT_EQ(gateway_->refresh(now), std::vector<std::string>{"pico"});
    EXPECT_NE(log_.find("refused session: reason=certificate_revoked principal=\"pico\""), std::string::npos);
}

class RequiredKey : public GatewayTest {
  protected:
    RequiredKey() {
        add("stock", "stock");
        key_required_ = true;
        open();
    }
    Session* connect(const std::string& id, const std::string& password, const Session* again = nullptr) {
        Peer out = peer(id);
        out.username = id;
        out.password = password;
        out.session = again;
        return gateway_->connect(out, now);
    }
};

TEST_F(RequiredKey, IsProvenBesideTheCertificateOnce) {
    Endpoint device(credentials("pico"));
    EXPECT_EQ(connect("pico", ""), nullptr);
    EXPECT_NE(log_.find("reason=key_not_proven"), std::string::npos) << log_;
    EXPECT_EQ(connect("pico", "stolen"), nullptr);
    EXPECT_NE(log_.find("reason=bad_connect_proof"), std::string::npos) << log_;
    const std::string proof = proof_of(device, RESEAL_LISTENER_TLS);
    const Session* session = connect("pico", proof);
    ASSERT_NE(session, nullptr) << log_;
    EXPECT_EQ(session->channel, Channel::guarded);
    EXPECT_EQ(connect("pico", proof), nullptr) << "a replay";
    EXPECT_NE(connect("pico", proof, session), nullptr) << "the broker only reloads";
}

TEST_F(RequiredKey, IsNotProvenByWhatWasMadeForAnotherListenerOrPrincipal) {
    Endpoint device(credentials("pico"));
    Endpoint nurse(credentials("nurse"));
    EXPECT_EQ(connect("pico", proof_of(device, RESEAL_LISTENER_SEALED)), nullptr);
    EXPECT_EQ(connect("pico", proof_of(nurse, RESEAL_LISTENER_TLS)), nullptr);
    EXPECT_NE(log_.find("reason=foreign_key"), std::string::npos) << log_;
}

TEST_F(RequiredKey, IsNotAskedForWhereARoleSaysSo) {
    EXPECT_NE(connect("stock", ""), nullptr) << log_;
}

TEST_F(RequiredKey, StandsBesideAToken) {
    Endpoint device(credentials("pico"));
    token_required_ = true;
    open();
    const std::string proof = proof_of(device, RESEAL_LISTENER_TLS);
    Peer both = peer("pico");
    both.password = proof;
    EXPECT_EQ(gateway_->connect(both, now), nullptr);
    EXPECT_NE(log_.find("reason=token_missing"), std::string::npos) << log_;
    const std::string fresh = proof_of(device, RESEAL_LISTENER_TLS);
    both.password = fresh;
    const std::string token = "monitor@" + std::to_string(now + 50);
    both.token = token;
    EXPECT_NE(gateway_->connect(both, now), nullptr) << log_;
}

}  // namespace
}  // namespace reseal::gateway::test
