// SPDX-License-Identifier: Apache-2.0
// What a token adds to a session beside the certificate, and for how long.
#include "engine/engine_fixture.h"

namespace reseal::engine::test {
namespace {

class Tokens : public EngineTest {
  protected:
    SessionId connect(const std::string& id, std::string_view token, std::time_t at = now) {
        Peer with = peer(id);
        with.token = token;
        return worker_->connect(with, at).session;
    }
    bool reads(SessionId session) { return worker_->subscribe(session, "ward/#", 0, 0); }
    bool logged(const std::string& text) const { return log_.find(text) != std::string::npos; }
};

const std::string good = "clinician@" + std::to_string(now + 60);
const std::string longer = "clinician@" + std::to_string(now + 90);

TEST_F(Tokens, AddTheirRolesToThePrincipals) {
    EXPECT_FALSE(reads(session("pico")));
    const SessionId session = connect("pico", good);
    ASSERT_TRUE(session) << log_;
    EXPECT_TRUE(reads(session));
    Endpoint device(credentials("pico"));
    EXPECT_EQ(publish(session, device.seal("72")), Refusal::none) << "its own role";
}

TEST_F(Tokens, KeepTheirRolesWhenRightsOrRegistryChange) {
    const SessionId session = connect("pico", good);
    ASSERT_TRUE(session);
    engine_->reconfigure(acl(), {});
    EXPECT_TRUE(reads(session));
    add("other", "wearable");
    EXPECT_TRUE(refresh(now).empty());
    EXPECT_TRUE(reads(session));
}

TEST_F(Tokens, ThatAreRefusedAdmitNobody) {
    EXPECT_FALSE(connect("pico", "secret"));
    EXPECT_TRUE(logged("refused connect: reason=token_malformed principal=\"pico\"")) << log_;
    EXPECT_FALSE(connect("pico", good, now + 60));
    EXPECT_TRUE(logged("refused connect: reason=token_expired"));
}

TEST_F(Tokens, AreMandatoryOnlyWhereTheyAreRequired) {
    EXPECT_TRUE(worker_->connect(peer("pico"), now));
    token_required_ = true;
    open();
    EXPECT_FALSE(worker_->connect(peer("pico"), now));
    EXPECT_TRUE(logged("refused connect: reason=token_missing principal=\"pico\"")) << log_;
    EXPECT_TRUE(connect("pico", good));
}

TEST_F(Tokens, EndTheSessionWhenTheyExpire) {
    ASSERT_TRUE(connect("pico", good));
    EXPECT_TRUE(refresh(now + 59).empty());
    EXPECT_EQ(refresh(now + 60), std::vector<std::string>{"pico"});
    EXPECT_TRUE(logged("refused session: reason=token_expired principal=\"pico\"")) << log_;
}

TEST_F(Tokens, ContinueAsTheirSuccessor) {
    const SessionId session = connect("pico", good);
    ASSERT_TRUE(session);
    EXPECT_TRUE(worker_->reauthenticate(session, longer, now + 60, 0)) << log_;
    EXPECT_TRUE(refresh(now + 89).empty());
    EXPECT_TRUE(reads(session));
    EXPECT_EQ(seen_.events, (std::vector<std::string>{"connected pico", "reauthenticated pico"}));
    EXPECT_FALSE(refresh(now + 90).empty());
}

TEST_F(Tokens, GrantWhatTheLatestOneGrants) {
    const SessionId session = connect("pico", good);
    ASSERT_TRUE(session);
    ASSERT_TRUE(worker_->reauthenticate(session, "legacy@" + std::to_string(now + 90), now, 0));
    EXPECT_FALSE(reads(session));
}

TEST_F(Tokens, ThatAreRefusedLaterChangeNothing) {
    const SessionId session = connect("pico", good);
    ASSERT_TRUE(session);
    EXPECT_FALSE(worker_->reauthenticate(session, "secret", now, 0));
    EXPECT_TRUE(logged("refused reauthenticate: reason=token_malformed principal=\"pico\"")) << log_;
    EXPECT_TRUE(reads(session));
    EXPECT_TRUE(refresh(now + 59).empty());
    EXPECT_FALSE(refresh(now + 60).empty());
}

TEST_F(Tokens, DoNotProlongASessionThatMustEnd) {
    const SessionId session = connect("pico", good);
    ASSERT_TRUE(session);
    EXPECT_FALSE(worker_->reauthenticate(session, "clinician@" + std::to_string(now + 900), now + 101, 0));
    EXPECT_TRUE(logged("refused reauthenticate: reason=certificate_expired")) << log_;
}

TEST_F(Tokens, RemainValidWhenTheBrokerOnlyAsksAgain) {
    const SessionId first = connect("pico", good);
    ASSERT_TRUE(first);
    ASSERT_TRUE(worker_->reauthenticate(first, longer, now, 0));
    Peer again = peer("pico");
    again.token = good;
    again.session = first;
    const SessionId session = worker_->connect(again, now + 60).session;
    ASSERT_TRUE(session) << log_;
    EXPECT_TRUE(refresh(now + 89).empty());
    EXPECT_EQ(refresh(now + 90).size(), 2U);
}

TEST_F(Tokens, OfOneCertificateAreNotInheritedByAnother) {
    const SessionId first = connect("pico", good);
    ASSERT_TRUE(first);
    Peer other = peer("nurse");
    other.session = first;
    const SessionId session = worker_->connect(other, now).session;
    ASSERT_TRUE(session);
    EXPECT_EQ(refresh(now + 60), std::vector<std::string>{"pico"}) << "it has none that ends";
}

TEST_F(Tokens, FillTheQueueOfAnAbsentClientUntilTheyExpire) {
    const SessionId session = connect("pico", good);
    ASSERT_TRUE(session);
    worker_->end(session);
    const SessionId away = worker_->resume("pico", "pico");
    ASSERT_TRUE(away);
    EXPECT_TRUE(reads(away));
    EXPECT_EQ(refresh(now + 60), std::vector<std::string>{"pico"});
    worker_->end(away);
    const SessionId later = worker_->resume("pico", "pico");
    ASSERT_TRUE(later);
    EXPECT_FALSE(reads(later));
}

TEST_F(Tokens, AreForgottenByASessionWithoutOne) {
    worker_->end(connect("pico", good));
    worker_->end(worker_->connect(peer("pico"), now).session);
    EXPECT_FALSE(reads(worker_->resume("pico", "pico")));
}

}  // namespace
}  // namespace reseal::engine::test
