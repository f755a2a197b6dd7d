// SPDX-License-Identifier: Apache-2.0
// A client that asks for too much is refused by its own budget, and no other client is.
#include "engine/engine_fixture.h"

namespace reseal::engine::test {
namespace {

class Budgets : public EngineTest {
  protected:
    void set(const budget::Limits& limits) {
        engine_->reconfigure(
            acl(),
            {.max_payload = 1000, .unsealed_topics = {"status/#"}, .alerts_topic = alerts_topic, .budgets = limits});
    }
    [[nodiscard]] bool admits(SessionId session, std::size_t bytes = 10) {
        return worker_->admit(session, {topic, payload(std::vector<std::uint8_t>(bytes))}, moment_);
    }
    SessionId connect(const std::string& id, const std::string& client_id) {
        Peer from = peer(id);
        ids_.push_back(client_id);
        from.client_id = ids_.back();
        from.moment = moment_;
        return worker_->connect(from, now).session;
    }
    // An invalid proof.
    [[nodiscard]] bool is_looked_at(const std::string& address) {
        Peer from{.client_id = "pico", .username = "pico", .password = "xxxx", .address = address};
        from.listener = Listener::sealed;
        from.moment = moment_;
        log_.clear();
        EXPECT_FALSE(worker_->connect(from, now));
        return log_.find("reason=over_budget_address") == std::string::npos;
    }
    [[nodiscard]] bool logged(const std::string& part) const { return log_.find(part) != std::string::npos; }

    budget::Time moment_ = budget::hour;
};

TEST_F(Budgets, LimitAPrincipalsMessagesAcrossItsClients) {
    budget::Limits limits;
    limits.principal.messages = 1;
    set(limits);
    const SessionId first = connect("pico", "pico");
    const SessionId second = connect("pico", "pico/2");
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(admits(first));
        EXPECT_TRUE(admits(second));
    }
    EXPECT_FALSE(admits(first));
    EXPECT_FALSE(admits(second));
    EXPECT_TRUE(logged("refused publish: reason=over_budget_messages principal=\"pico\" client=\"pico/2\" topic=\""));
    EXPECT_TRUE(admits(connect("nurse", "nurse")));
    moment_ += budget::second;
    EXPECT_TRUE(admits(first));
    EXPECT_FALSE(admits(second));
}

TEST_F(Budgets, CountAMessageAsItIsPublished) {
    budget::Limits limits;
    limits.principal.messages = 1;
    set(limits);
    const SessionId pico = connect("pico", "pico");
    Endpoint device(credentials("pico"));
    for (int i = 0; i < 10; ++i) {
        const auto message = device.seal("72");
        EXPECT_EQ(worker_->publish(pico, {topic, payload(message), 1, false, moment_}).refusal, Refusal::none);
    }
    const auto message = device.seal("73");
    EXPECT_EQ(worker_->publish(pico, {topic, payload(message), 1, false, moment_}).refusal,
              Refusal::over_budget_messages);
    moment_ += budget::second;
    EXPECT_EQ(worker_->publish(pico, {topic, payload(message), 1, false, moment_}).refusal, Refusal::none)
        << "it was not accepted, and comes again";
}

TEST_F(Budgets, AreNotRefilledByConnectingAgain) {
    budget::Limits limits;
    limits.principal.bytes = 1024;
    set(limits);
    const SessionId pico = connect("pico", "pico");
    EXPECT_TRUE(admits(pico, 10240));
    EXPECT_FALSE(admits(pico));
    EXPECT_TRUE(logged("reason=over_budget_bytes"));
    worker_->end(pico);
    for (int i = 0; i < 200; ++i) {
        (void)refresh(now);
    }
    EXPECT_FALSE(admits(connect("pico", "pico")));
}

TEST_F(Budgets, DoNotApplyToAForwarder) {
    budget::Limits limits;
    limits.principal.messages = 1;
    set(limits);
    const SessionId bridge = connect("bridge", "bridge");
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(admits(bridge));
    }
}

TEST_F(Budgets, LimitAPrincipalsConnects) {
    budget::Limits limits;
    limits.principal.connects = 3;
    set(limits);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(connect("pico", "pico"));
    }
    EXPECT_FALSE(connect("pico", "pico"));
    EXPECT_TRUE(logged("refused connect: reason=over_budget_connects principal=\"pico\""));
    EXPECT_TRUE(connect("nurse", "nurse"));
    moment_ += budget::minute / 3;
    EXPECT_TRUE(connect("pico", "pico"));
}

// A device with a half-open connection must get in again. A client that is away takes no place.
TEST_F(Budgets, LimitAPrincipalsSessionsExceptTakeovers) {
    budget::Limits limits;
    limits.principal.sessions = 2;
    set(limits);
    const SessionId first = connect("pico", "pico/1");
    const SessionId second = connect("pico", "pico/2");
    ASSERT_TRUE(second);
    EXPECT_FALSE(connect("pico", "pico/3"));
    EXPECT_TRUE(logged("reason=over_budget_sessions"));
    EXPECT_TRUE(connect("pico", "pico/2"));
    worker_->end(second);
    worker_->disconnected(first);
    ASSERT_TRUE(worker_->resume("pico", "pico/4"));
    EXPECT_TRUE(connect("pico", "pico/3"));
}

TEST_F(Budgets, ChargeNothingWhenTheBrokerOnlyAsksAgain) {
    budget::Limits limits;
    limits.principal.connects = 1;
    limits.principal.sessions = 1;
    set(limits);
    const SessionId pico = connect("pico", "pico");
    Peer again = peer("pico");
    again.session = pico;
    again.moment = moment_;
    EXPECT_TRUE(worker_->connect(again, now));
}

TEST_F(Budgets, LimitTheFailedProofsOfAnAddress) {
    budget::Limits limits;
    limits.address.connects = 2;
    set(limits);
    EXPECT_TRUE(is_looked_at("192.0.2.1"));
    EXPECT_TRUE(is_looked_at("192.0.2.1"));
    EXPECT_FALSE(is_looked_at("192.0.2.1"));
    EXPECT_TRUE(is_looked_at("192.0.2.2"));
    Peer with_certificate = peer("pico");
    with_certificate.address = "192.0.2.1";
    with_certificate.moment = moment_;
    EXPECT_TRUE(worker_->connect(with_certificate, now)) << "it has proven something";
}

TEST_F(Budgets, LimitAClientsFilters) {
    budget::Limits limits;
    limits.principal.subscriptions = 3;
    set(limits);
    const SessionId nurse = connect("nurse", "nurse");
    EXPECT_TRUE(worker_->subscribe(nurse, "ward/#", 1, 2));
    EXPECT_FALSE(worker_->subscribe(nurse, "ward/#", 1, 3));
    EXPECT_TRUE(logged("refused subscribe: reason=over_budget_subscriptions"));
    limits.principal.subscriptions = 0;
    set(limits);
    EXPECT_TRUE(worker_->subscribe(nurse, "ward/#", 1, 1000000));
}

TEST_F(Budgets, LimitAPrincipalsTokens) {
    budget::Limits limits;
    limits.principal.connects = 2;
    set(limits);
    const SessionId pico = connect("pico", "pico");
    const std::string token = "clinician@" + std::to_string(now + 60);
    EXPECT_TRUE(worker_->reauthenticate(pico, token, now, moment_));
    EXPECT_FALSE(worker_->reauthenticate(pico, token, now, moment_));
    EXPECT_TRUE(logged("refused reauthenticate: reason=over_budget_connects"));
}

// The message is delivered, but the broker must not retain it: nothing is lost, and nothing grows.
TEST_F(Budgets, DeliverButDoNotRetainBeyondTheLimit) {
    budget::Limits limits;
    limits.principal.retained_topics = 2;
    set(limits);
    const SessionId pico = connect("pico", "pico");
    Endpoint device(credentials("pico"));
    const auto retain = [&](const std::string& under) {
        return worker_->publish(pico, {under, payload(device.seal("72", under)), 1, true});
    };
    EXPECT_FALSE(retain("ward/pico/1").copy);
    EXPECT_FALSE(retain("ward/pico/2").copy);
    const Published third = retain("ward/pico/3");
    EXPECT_EQ(third.refusal, Refusal::none);
    EXPECT_TRUE(third.copy);
    EXPECT_TRUE(logged("refused retain: reason=over_budget_retained principal=\"pico\""));
    EXPECT_FALSE(retain("ward/pico/1").copy) << "what is there may be replaced";
}

}  // namespace
}  // namespace reseal::engine::test
