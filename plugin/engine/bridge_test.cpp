// SPDX-License-Identifier: Apache-2.0
// Messages that another broker forwards: still sealed, and only from brokers with that right.
#include "engine/engine_fixture.h"

namespace reseal::engine::test {
namespace {

class Bridge : public EngineTest {
  protected:
    Bridge() : device(credentials("pico")) {}
    Refusal bridged(Payload message, std::string_view under = topic) {
        return worker_->publish_bridged("other-broker", {under, message}).refusal;
    }
    Endpoint device;
};

TEST_F(Bridge, PassesOnWhatItsSenderMayPublish) {
    const SessionId bridge = session("bridge");
    const SessionId nurse = session("nurse");
    Endpoint application(credentials("nurse"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(bridge, message), Refusal::none);
    EXPECT_EQ(delivered(nurse, application, payload(message)), "72");
    const auto second = device.seal("73");
    EXPECT_EQ(bridged(payload(second)), Refusal::none);
    EXPECT_EQ(delivered(nurse, application, payload(second)), "73");
}

TEST_F(Bridge, PassesOnNothingTwice) {
    const SessionId bridge = session("bridge");
    const SessionId pico = session("pico");
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message), Refusal::none);
    EXPECT_EQ(publish(bridge, message), Refusal::replay);
    EXPECT_EQ(bridged(payload(message)), Refusal::replay);
}

TEST_F(Bridge, PassesOnNothingThatItsSenderMayNotPublish) {
    const SessionId bridge = session("bridge");
    const auto foreign = device.seal("72", "ward/other/pulse");
    EXPECT_EQ(publish(bridge, foreign, "ward/other/pulse"), Refusal::publish_not_allowed);
    EXPECT_EQ(bridged(payload(foreign), "ward/other/pulse"), Refusal::publish_not_allowed);
    EXPECT_NE(log_.find("refused bridge: reason=publish_not_allowed"), std::string::npos) << log_;
}

TEST_F(Bridge, PassesOnNothingOutsideItsFilters) {
    const SessionId bridge = session("bridge");
    EXPECT_EQ(publish(bridge, device.seal("1", "commands/x"), "commands/x"), Refusal::publish_not_allowed);
}

TEST_F(Bridge, PassesOnNothingInClearExceptUnsealedTopics) {
    const SessionId bridge = session("bridge");
    EXPECT_EQ(worker_->publish(bridge, {topic, payload("72")}).refusal, Refusal::not_sealed);
    EXPECT_EQ(bridged(payload("72")), Refusal::not_sealed);
    EXPECT_EQ(bridged(payload("on"), "status/pico"), Refusal::none);
    EXPECT_EQ(bridged({}), Refusal::none) << "a retained message was cleared";
}

TEST_F(Bridge, PassesOnWhatTheOtherBrokerSealedForAPlainClient) {
    Endpoint other_broker(credentials("broker-storage"));
    const auto sealed = other_broker.seal("72", "legacy/x");
    EXPECT_EQ(bridged(payload(sealed), "legacy/x"), Refusal::none);
    EXPECT_EQ(bridged(payload(sealed), "legacy/x"), Refusal::replay);
}

TEST_F(Bridge, ReceivesStoredCiphertextAndNothingInClear) {
    const SessionId bridge = session("bridge");
    const auto message = device.seal("72");
    EXPECT_EQ(deliver(bridge, topic, payload(message), Occasion::stored).form, Delivered::Form::as_it_is);
    EXPECT_EQ(deliver(bridge, "status/pico", payload("on"), Occasion::stored).form, Delivered::Form::as_it_is);
    EXPECT_EQ(deliver(bridge, topic, {}, Occasion::stored).form, Delivered::Form::as_it_is);
    EXPECT_EQ(deliver(bridge, topic, payload("in clear"), Occasion::stored).refusal, Refusal::not_sealed);
    EXPECT_EQ(deliver(bridge, "commands/x", payload(message), Occasion::stored).refusal, Refusal::deliver_not_allowed);
}

TEST_F(Bridge, PassesOnNothingFromARevokedSender) {
    const auto message = device.seal("72");
    auto registry = keyring::AdminRegistry::open(folder_ + "/registry.db", keyring::writer_patience);
    ASSERT_TRUE(registry->revoke("pico", {"stolen", {}}));
    (void)refresh(now);
    EXPECT_NE(bridged(payload(message)), Refusal::none);
}

TEST_F(EngineTest, AnswersWhetherAMessageMayBeDeliveredWithoutSealing) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    auto damaged = message;
    damaged.back() ^= 1U;
    EXPECT_EQ(may_deliver(nurse, topic, payload(message), Occasion::stored), Refusal::none);
    EXPECT_EQ(may_deliver(nurse, topic, payload(damaged), Occasion::stored), Refusal::bad_tag);
    EXPECT_EQ(may_deliver(pico, topic, payload(message), Occasion::stored), Refusal::deliver_not_allowed);
}

// Another broker's messages, sealed for its realm.
class PeerRealm : public EngineTest {
  protected:
    PeerRealm() : here(credentials("pico")), there(credentials("pico", peer_realm)) {
        add("wing", "peer");
        restart();
    }
    void restart() {
        engine_->settle();
        open();
    }
    SessionId wing() { return session("wing"); }
    std::string read(const std::vector<std::uint8_t>& message, Occasion occasion = Occasion::stored) {
        const SessionId nurse = session("nurse");
        Endpoint application(credentials("nurse"));
        const Delivered out = deliver(nurse, topic, payload(message), occasion);
        if (out.form != Delivered::Form::sealed) {
            return std::string(name_of(out.refusal));
        }
        const std::string text = application.open(out.payload.get());
        return text;
    }

    Endpoint here;
    Endpoint there;
};

TEST_F(PeerRealm, PassesOnWhatWasSealedForItsRealmOnce) {
    const auto message = there.seal("72");
    EXPECT_EQ(publish(wing(), message), Refusal::none) << log_;
    EXPECT_EQ(publish(wing(), message), Refusal::replay);
    EXPECT_EQ(read(message), "72") << log_;
    restart();
    EXPECT_EQ(publish(wing(), message), Refusal::replay) << "after a restart, too";
    EXPECT_EQ(read(message), "72") << "from the broker's store";
}

TEST_F(PeerRealm, PassesOnNothingThatWasSealedForThisBroker) {
    EXPECT_EQ(publish(wing(), here.seal("72")), Refusal::bad_tag) << "who listened here has not its right";
    const auto known = here.seal("73");
    ASSERT_EQ(publish(session("pico"), known), Refusal::none);
    EXPECT_EQ(publish(wing(), known), Refusal::own_message) << "it came back, and is no attack";
}

// A recording made at one broker of a registry is useless at the other.
TEST_F(PeerRealm, IsTheOnlyWayInForMessagesSealedForIt) {
    const auto message = there.seal("72");
    EXPECT_EQ(publish(session("pico"), message), Refusal::bad_tag);
    EXPECT_EQ(publish(session("bridge"), message), Refusal::bad_tag);
    EXPECT_EQ(worker_->publish_bridged("other", {topic, payload(message)}).refusal, Refusal::bad_tag);
    EXPECT_EQ(publish(wing(), message), Refusal::none);
}

TEST_F(PeerRealm, HasWindowsOfItsOwn) {
    Endpoint far_ahead(credentials("pico", peer_realm), 100);
    ASSERT_EQ(publish(wing(), far_ahead.seal("1")), Refusal::none);
    EXPECT_EQ(publish(session("pico"), here.seal("2")), Refusal::none) << "its lower epoch is not stale here";
    EXPECT_EQ(publish(wing(), there.seal("3")), Refusal::stale_epoch);
}

TEST_F(PeerRealm, DeliversAQos2MessageWhenItIsReleased) {
    const auto message = there.seal("72");
    ASSERT_EQ(worker_->publish(wing(), {topic, payload(message), 2}).refusal, Refusal::none);
    EXPECT_EQ(read(message, Occasion::fan_out), "72") << log_;
    EXPECT_EQ(worker_->publish(wing(), {topic, payload(message), 2}).refusal, Refusal::replay);
}

TEST_F(PeerRealm, IsRecognisedInARetainedMessage) {
    const auto first = there.seal("72");
    const auto second = there.seal("73");
    for (const auto& message : {first, second}) {
        ASSERT_EQ(worker_->publish(wing(), {topic, payload(message), 0, true}).refusal, Refusal::none);
    }
    EXPECT_EQ(read(second, Occasion::retained), "73");
    EXPECT_EQ(read(first, Occasion::retained), "not_retained");
    restart();
    EXPECT_EQ(read(second, Occasion::retained), "73");
}

}  // namespace
}  // namespace reseal::engine::test
