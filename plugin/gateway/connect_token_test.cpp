// What a token adds to a session beside the certificate, and for how long.
#include "gateway/gateway_fixture.h"

namespace reseal::gateway::test {
namespace {

class Tokens : public GatewayTest {
  protected:
    Session* connect(const std::string& id, std::string_view token, std::time_t at = now) {
        Peer with = peer(id);
        with.token = token;
        return gateway_->connect(with, at);
    }
    static bool reads(const Session& session) { return static_cast<bool>(session.rights.subscribe("ward/#", {})); }
    bool logged(const std::string& text) const { return log_.find(text) != std::string::npos; }
};

const std::string good = "clinician@" + std::to_string(now + 60);
const std::string longer = "clinician@" + std::to_string(now + 90);

TEST_F(Tokens, AddTheirRolesToThePrincipals) {
    EXPECT_FALSE(reads(session("pico")));
    Session* session = connect("pico", good);
    ASSERT_NE(session, nullptr) << log_;
    EXPECT_TRUE(reads(*session));
    EXPECT_TRUE(session->rights.publish("ward/pico/pulse", {})) << "its own role";
}

TEST_F(Tokens, KeepTheirRolesWhenRightsOrRegistryChange) {
    Session* session = connect("pico", good);
    ASSERT_NE(session, nullptr);
    gateway_->reconfigure(acl(), {});
    EXPECT_TRUE(reads(*session));
    add("other", "wearable");
    EXPECT_TRUE(gateway_->refresh(now).empty());
    EXPECT_TRUE(reads(*session));
}

TEST_F(Tokens, ThatAreRefusedLetNobodyIn) {
    EXPECT_EQ(connect("pico", "secret"), nullptr);
    EXPECT_TRUE(logged("refused connect: reason=token_malformed principal=\"pico\"")) << log_;
    EXPECT_EQ(connect("pico", good, now + 60), nullptr);
    EXPECT_TRUE(logged("refused connect: reason=token_expired"));
}

TEST_F(Tokens, AreMissedOnlyWhereTheyAreRequired) {
    EXPECT_NE(gateway_->connect(peer("pico"), now), nullptr);
    token_required_ = true;
    open();
    EXPECT_EQ(gateway_->connect(peer("pico"), now), nullptr);
    EXPECT_TRUE(logged("refused connect: reason=token_missing principal=\"pico\"")) << log_;
    EXPECT_NE(connect("pico", good), nullptr);
}

TEST_F(Tokens, EndTheSessionWhenTheyEnd) {
    ASSERT_NE(connect("pico", good), nullptr);
    EXPECT_TRUE(gateway_->refresh(now + 59).empty());
    EXPECT_EQ(gateway_->refresh(now + 60), std::vector<std::string>{"pico"});
    EXPECT_TRUE(logged("refused session: reason=token_expired principal=\"pico\"")) << log_;
}

TEST_F(Tokens, GoOnAsTheNextOne) {
    Session* session = connect("pico", good);
    ASSERT_NE(session, nullptr);
    EXPECT_TRUE(gateway_->reauthenticate(*session, longer, now + 60)) << log_;
    EXPECT_TRUE(gateway_->refresh(now + 89).empty());
    EXPECT_TRUE(reads(*session));
    EXPECT_EQ(seen_.events, (std::vector<std::string>{"connected pico", "reauthenticated pico"}));
    EXPECT_FALSE(gateway_->refresh(now + 90).empty());
}

TEST_F(Tokens, GiveWhatTheLatestOneGives) {
    Session* session = connect("pico", good);
    ASSERT_NE(session, nullptr);
    ASSERT_TRUE(gateway_->reauthenticate(*session, "legacy@" + std::to_string(now + 90), now));
    EXPECT_FALSE(reads(*session));
}

TEST_F(Tokens, ThatAreRefusedLaterChangeNothing) {
    Session* session = connect("pico", good);
    ASSERT_NE(session, nullptr);
    EXPECT_FALSE(gateway_->reauthenticate(*session, "secret", now));
    EXPECT_TRUE(logged("refused reauthenticate: reason=token_malformed principal=\"pico\"")) << log_;
    EXPECT_TRUE(reads(*session));
    EXPECT_EQ(session->token->ends, now + 60);
}

TEST_F(Tokens, DoNotProlongASessionThatMustEnd) {
    Session* session = connect("pico", good);
    ASSERT_NE(session, nullptr);
    EXPECT_FALSE(gateway_->reauthenticate(*session, "clinician@" + std::to_string(now + 900), now + 101));
    EXPECT_TRUE(logged("refused reauthenticate: reason=certificate_expired")) << log_;
}

TEST_F(Tokens, CountOnWhenTheBrokerOnlyAsksAgain) {
    Session* first = connect("pico", good);
    ASSERT_NE(first, nullptr);
    ASSERT_TRUE(gateway_->reauthenticate(*first, longer, now));
    Peer again = peer("pico");
    again.token = good;
    again.session = first;
    Session* session = gateway_->connect(again, now + 60);
    ASSERT_NE(session, nullptr) << log_;
    EXPECT_EQ(session->token->ends, now + 90);
}

TEST_F(Tokens, OfOneCertificateAreNotTakenOverByAnother) {
    Session* first = connect("pico", good);
    ASSERT_NE(first, nullptr);
    Peer other = peer("nurse");
    other.session = first;
    Session* session = gateway_->connect(other, now);
    ASSERT_NE(session, nullptr);
    EXPECT_FALSE(session->token);
}

TEST_F(Tokens, FillTheQueueOfOneThatIsAwayUntilTheyEnd) {
    Session* session = connect("pico", good);
    ASSERT_NE(session, nullptr);
    gateway_->end(session);
    Session* away = gateway_->resume("pico", "pico");
    ASSERT_NE(away, nullptr);
    EXPECT_TRUE(reads(*away));
    EXPECT_EQ(gateway_->refresh(now + 60), std::vector<std::string>{"pico"});
    gateway_->end(away);
    Session* later = gateway_->resume("pico", "pico");
    ASSERT_NE(later, nullptr);
    EXPECT_FALSE(reads(*later));
}

TEST_F(Tokens, AreForgottenByASessionWithoutOne) {
    gateway_->end(connect("pico", good));
    gateway_->end(gateway_->connect(peer("pico"), now));
    EXPECT_FALSE(reads(*gateway_->resume("pico", "pico")));
}

}  // namespace
}  // namespace reseal::gateway::test
