// SPDX-License-Identifier: Apache-2.0
// Who is let in, and who is dropped.
#include "engine/admission.h"
#include "engine/engine_fixture.h"

namespace reseal::engine::test {
namespace {

TEST_F(EngineTest, AdmitsOnlyARegisteredCertificate) {
    EXPECT_TRUE(worker_->connect(peer("pico"), now));
    EXPECT_FALSE(worker_->connect(peer("stranger"), now));
    EXPECT_NE(log_.find("reason=unknown_certificate"), std::string::npos);
}

TEST_F(EngineTest, FindsACertificateByItsSerialNumberAloneIfConfigured) {
    constexpr std::array<std::uint8_t, 3> serial{1, 0, 0xFF};
    ASSERT_TRUE(registry().add_certificate("pico", keyring::serial_id(serial), {}));
    (void)refresh(now);
    Peer by_serial = peer("stranger");
    by_serial.client_id = "pico";
    by_serial.certificate->by_serial = keyring::serial_id(serial);
    const Connected session = worker_->connect(by_serial, now);
    ASSERT_TRUE(session) << log_;
    EXPECT_EQ(session.principal, "pico");
    EXPECT_TRUE(refresh(now).empty());
    ASSERT_TRUE(registry().revoke("pico", {"lost", {}}));
    EXPECT_EQ(refresh(now), std::vector<std::string>{"pico"});
    EXPECT_NE(log_.find("known by its serial number"), std::string::npos) << log_;

    by_serial = peer("nurse");
    by_serial.certificate->by_serial = keyring::serial_id(std::array<std::uint8_t, 1>{9});
    EXPECT_FALSE(worker_->connect(by_serial, now)) << "its hash is registered, and does not count";
    EXPECT_NE(log_.find("reason=unknown_certificate"), std::string::npos);
}

TEST_F(EngineTest, RefusesACertificateOutsideItsDates) {
    EXPECT_FALSE(worker_->connect(peer("pico"), now + 101));
    EXPECT_NE(log_.find("reason=certificate_expired"), std::string::npos);
    EXPECT_FALSE(worker_->connect(peer("pico"), now - 101));
    EXPECT_NE(log_.find("reason=certificate_not_yet_valid"), std::string::npos);
}

TEST_F(EngineTest, DropsALiveSessionWhoseCertificateExpires) {
    session("pico");
    EXPECT_TRUE(refresh(now).empty());
    EXPECT_EQ(refresh(now + 101), std::vector<std::string>{"pico"});
}

TEST_F(EngineTest, DropsALiveSessionThatIsRevokedAndRefusesItsNextConnect) {
    session("pico");
    ASSERT_TRUE(
        keyring::AdminRegistry::open(folder_ + "/registry.db", keyring::writer_patience)->revoke("pico", {"lost", {}}));
    EXPECT_EQ(refresh(now), std::vector<std::string>{"pico"});
    EXPECT_FALSE(worker_->connect(peer("pico"), now));
    EXPECT_NE(log_.find("refused connect: reason=principal_revoked"), std::string::npos);
}

TEST_F(EngineTest, KnowsANewPrincipalAfterARefresh) {
    EXPECT_FALSE(worker_->connect(peer("pico2"), now));
    add("pico2", "wearable");
    (void)refresh(now);
    EXPECT_TRUE(worker_->connect(peer("pico2"), now));
}

TEST_F(EngineTest, ReportsAnUnreadableRegistryOnceAndKeepsWhatItHas) {
    session("pico");
    std::filesystem::resize_file(folder_ + "/registry.db", 100);
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(refresh(now).empty());
    }
    const std::size_t said = log_.find("including revocations, are not seen");
    EXPECT_NE(said, std::string::npos) << log_;
    EXPECT_EQ(said, log_.rfind("including revocations, are not seen"));
}

TEST_F(EngineTest, LooksUpTheListenerOnlyForAClientWithAValidProof) {
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
        return static_cast<bool>(worker_->connect(peer, now));
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

TEST_F(EngineTest, AcceptsAProofOnlyAtTheKindOfListenerItWasMadeFor) {
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
                EXPECT_FALSE(worker_->connect(looked_up, now)) << kind;
            }
            EXPECT_EQ(static_cast<bool>(worker_->connect(told, now)), kind == right) << kind;
        }
    }
}

TEST_F(EngineTest, OverWebSocketsAcceptsALoopbackProofAndGrantsNothingInClear) {
    Endpoint device(credentials("pico"));
    for (const reseal_listener kind : {RESEAL_LISTENER_LOOPBACK, RESEAL_LISTENER_SEALED}) {
        const std::string proof = proof_of(device, kind);
        const SessionId session =
            worker_
                ->connect(
                    {.client_id = "pico", .username = "pico", .password = proof, .listener = Listener::loopback_unsure},
                    now)
                .session;
        ASSERT_TRUE(session) << log_;
        EXPECT_EQ(bare(session), kind == RESEAL_LISTENER_SEALED);
    }
}

TEST_F(EngineTest, AsksForAProofOnceAndNotAgainWhenTheBrokerOnlyReloads) {
    Endpoint device(credentials("pico"));
    const std::string proof = proof_of(device);
    Peer peer{.client_id = "pico", .username = "pico", .password = proof, .listener = Listener::sealed};
    const SessionId session = worker_->connect(peer, now).session;
    ASSERT_TRUE(session) << log_;
    EXPECT_FALSE(worker_->connect(peer, now));
    EXPECT_NE(log_.find("reason=replay"), std::string::npos);

    peer.session = session;
    const SessionId again = worker_->connect(peer, now).session;
    ASSERT_TRUE(again) << log_;
    EXPECT_TRUE(bare(again));
    peer.username = "nurse";
    EXPECT_FALSE(worker_->connect(peer, now)) << "that is another one's";
    peer.client_id = "nurse";
    EXPECT_FALSE(worker_->connect(peer, now));
}

TEST_F(EngineTest, TiesClientIdsToPrincipals) {
    EXPECT_TRUE(tied("pico", "pico"));
    EXPECT_TRUE(tied("pico", "pico/1"));
    EXPECT_FALSE(tied("pico", "pico/"));
    EXPECT_FALSE(tied("pico", "pico1"));
    EXPECT_FALSE(tied("pico", "pic"));
    EXPECT_FALSE(tied("pico", ""));
}

TEST_F(EngineTest, NeverAdmitsTheStoragePrincipal) {
    EXPECT_FALSE(worker_->resume("broker-storage", "broker-storage"));
    EXPECT_FALSE(worker_->resume("pico", "nurse"));
    EXPECT_TRUE(worker_->resume("pico", "pico/1"));
}

TEST_F(EngineTest, UsesTheNameInACertificateThatTheRegistryDoesNotKnow) {
    Peer renewed = peer("pico");
    renewed.certificate->fingerprint = fingerprint("renewed");
    EXPECT_FALSE(worker_->connect(renewed, now)) << "by fingerprint";
    renewed.certificate->principal = "pico";
    const Connected session = worker_->connect(renewed, now);
    ASSERT_TRUE(session) << log_;
    EXPECT_EQ(session.principal, "pico");
    EXPECT_TRUE(refresh(now).empty());
}

TEST_F(EngineTest, RefusesACertificateWhoseNameDiffersFromTheRegistry) {
    Peer both = peer("pico");
    both.certificate->principal = "nurse";
    EXPECT_FALSE(worker_->connect(both, now));
    EXPECT_NE(log_.find("reason=certificate_name_ambiguous"), std::string::npos);
    both.certificate->fingerprint = fingerprint("renewed");
    both.certificate->principal = "broker-storage";
    EXPECT_FALSE(worker_->connect(both, now));
    EXPECT_NE(log_.find("reason=unknown_principal"), std::string::npos);
}

TEST_F(EngineTest, RefusesWhatIsWrongWithTheCertificateAlready) {
    Peer revoked = peer("pico");
    revoked.certificate->refusal = Refusal::certificate_not_of_ca;
    EXPECT_FALSE(worker_->connect(revoked, now));
    EXPECT_NE(log_.find("reason=certificate_not_of_ca"), std::string::npos);
}

TEST_F(EngineTest, DropsALiveSessionWhoseCertificateIsRevokedLater) {
    Peer pico = peer("pico");
    pico.certificate->serial = "7";
    (void)worker_->connect(pico, now);
    (void)session("nurse");
    EXPECT_TRUE(refresh(now).empty());
    revoked_serial_ = "7";
    EXPECT_EQ(refresh(now), std::vector<std::string>{"pico"});
    EXPECT_NE(log_.find("refused session: reason=certificate_revoked principal=\"pico\""), std::string::npos);
}

class RequiredKey : public EngineTest {
  protected:
    RequiredKey() {
        add("stock", "stock");
        key_required_ = true;
        open();
    }
    SessionId connect(const std::string& id, const std::string& password, SessionId again = {}) {
        Peer out = peer(id);
        out.username = id;
        out.password = password;
        out.session = again;
        return worker_->connect(out, now).session;
    }
};

TEST_F(RequiredKey, IsProvenOnceInAdditionToTheCertificate) {
    Endpoint device(credentials("pico"));
    EXPECT_FALSE(connect("pico", ""));
    EXPECT_NE(log_.find("reason=key_not_proven"), std::string::npos) << log_;
    EXPECT_FALSE(connect("pico", "stolen"));
    EXPECT_NE(log_.find("reason=bad_connect_proof"), std::string::npos) << log_;
    const std::string proof = proof_of(device, RESEAL_LISTENER_TLS);
    SessionId session = connect("pico", proof);
    ASSERT_TRUE(session) << log_;
    EXPECT_FALSE(bare(session));
    EXPECT_FALSE(connect("pico", proof)) << "a replay";
    EXPECT_TRUE(connect("pico", proof, session)) << "the broker only reloads";
}

TEST_F(RequiredKey, IsNotProvenByAProofForAnotherListenerOrPrincipal) {
    Endpoint device(credentials("pico"));
    Endpoint nurse(credentials("nurse"));
    EXPECT_FALSE(connect("pico", proof_of(device, RESEAL_LISTENER_SEALED)));
    EXPECT_FALSE(connect("pico", proof_of(nurse, RESEAL_LISTENER_TLS)));
    EXPECT_NE(log_.find("reason=foreign_key"), std::string::npos) << log_;
}

TEST_F(RequiredKey, IsNotRequiredWhereARoleSaysSo) {
    EXPECT_TRUE(connect("stock", "")) << log_;
}

TEST_F(RequiredKey, WorksTogetherWithAToken) {
    Endpoint device(credentials("pico"));
    token_required_ = true;
    open();
    const std::string proof = proof_of(device, RESEAL_LISTENER_TLS);
    Peer both = peer("pico");
    both.password = proof;
    EXPECT_FALSE(worker_->connect(both, now));
    EXPECT_NE(log_.find("reason=token_missing"), std::string::npos) << log_;
    const std::string fresh = proof_of(device, RESEAL_LISTENER_TLS);
    both.password = fresh;
    const std::string token = "monitor@" + std::to_string(now + 50);
    both.token = token;
    EXPECT_TRUE(worker_->connect(both, now)) << log_;
}

}  // namespace
}  // namespace reseal::engine::test
