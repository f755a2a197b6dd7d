// SPDX-License-Identifier: Apache-2.0
// A message is accepted once, however it arrives. One that the broker forgets before delivery may come again.
#include "engine/engine_fixture.h"

namespace reseal::engine::test {

class AcceptOnceTest : public EngineTest {
  protected:
    using Bytes = std::vector<std::uint8_t>;

    Published publish_qos2(SessionId from, const Bytes& message, bool retain = false) {
        return worker_->publish(from, {topic, payload(message), 2, retain});
    }
    // The broker fans out the copy that lies at `message`; its first delivery is to the nurse.
    std::string fan_out(const Bytes& message) {
        const Delivered out = deliver(nurse_, topic, payload(message), Occasion::fan_out);
        if (out.form != Delivered::Form::sealed) {
            return std::string(name_of(out.refusal));
        }
        std::string text = reader_.open(out.payload.get());
        return text;
    }
    // The broker dies: whatever is not settled did not happen.
    void crash() { restart(); }

    void restart() {
        close();
        open();
        pico_ = session("pico");
        nurse_ = session("nurse");
    }

    Endpoint device_{credentials("pico")};
    Endpoint reader_{credentials("nurse")};
    SessionId pico_ = session("pico");
    SessionId nurse_ = session("nurse");
};

TEST_F(AcceptOnceTest, AQos2MessageCountsAsAcceptedFromItsFanOutOn) {
    const Bytes message = device_.seal("72");
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    EXPECT_EQ(fan_out(message), "72");
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::replay);
}

TEST_F(AcceptOnceTest, AnUnreleasedMessageThatTheBrokerForgotMayComeAgain) {
    const Bytes message = device_.seal("72");
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    worker_->end(pico_);  // a clean session: the broker forgets what it holds
    pico_ = session("pico");
    const Bytes again = message;
    EXPECT_EQ(publish_qos2(pico_, again).refusal, Refusal::none);
    EXPECT_EQ(fan_out(again), "72");
}

TEST_F(AcceptOnceTest, AForgottenMessageMayComeAgainAfterTheWindowMovedOn) {
    const Bytes message = device_.seal("72");
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(pico_, device_.seal("later")), Refusal::none);
    }
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    EXPECT_EQ(fan_out(message), "72");
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::replay);
}

TEST_F(AcceptOnceTest, AWaitingMessageSentAtAnotherQosIsDeliveredOnce) {
    const Bytes message = device_.seal("72");
    const Bytes at_once = message;
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    EXPECT_EQ(publish(pico_, at_once), Refusal::none);
    EXPECT_EQ(fan_out(at_once), "72");
    EXPECT_EQ(fan_out(message), "replay");
}

TEST_F(AcceptOnceTest, OnlyOneOfTwoCopiesHeldByTheBrokerIsFannedOut) {
    const Bytes first = device_.seal("72");
    const Bytes second = first;
    EXPECT_EQ(publish_qos2(pico_, first).refusal, Refusal::none);
    EXPECT_EQ(publish_qos2(pico_, second).refusal, Refusal::none);
    EXPECT_EQ(fan_out(second), "72");
    EXPECT_EQ(fan_out(second), "72");  // to the next subscriber
    EXPECT_EQ(fan_out(first), "replay");
    EXPECT_EQ(fan_out(second), "replay");  // another fan-out by now
}

TEST_F(AcceptOnceTest, ACopyIsStoredWithoutTheRetainFlagWhileTheFirstIsHeld) {
    const Bytes message = device_.seal("72");
    EXPECT_FALSE(publish_qos2(pico_, message, true).copy);
    EXPECT_TRUE(publish_qos2(pico_, message, true).copy);
    worker_->disconnected(pico_);  // the broker has forgotten it, or goes on with the first
    const SessionId again = session("pico");
    EXPECT_FALSE(publish_qos2(again, message, true).copy);
}

TEST_F(AcceptOnceTest, AMessageKeptAcrossARestartIsFannedOutOnce) {
    const Bytes message = device_.seal("72");
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    restart();
    EXPECT_EQ(fan_out(message), "72");
    const Bytes copy = message;
    EXPECT_EQ(fan_out(copy), "replay");
}

TEST_F(AcceptOnceTest, ACopyOfAnAcceptedMessageIsNotFannedOutAfterARestart) {
    const Bytes message = device_.seal("72");
    EXPECT_EQ(publish(pico_, message), Refusal::none);
    EXPECT_EQ(fan_out(message), "72");
    engine_->settle();
    restart();
    EXPECT_EQ(fan_out(message), "replay");
    EXPECT_FALSE(worker_->may_stay_in_flight(pico_, {topic, payload(message)}));
}

TEST_F(AcceptOnceTest, AWaitingMessageSurvivesARestartAfterTheWindowMovedOn) {
    const Bytes message = device_.seal("72");
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(pico_, device_.seal("later")), Refusal::none);
    }
    engine_->settle();
    restart();
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    EXPECT_EQ(fan_out(message), "72");
    engine_->settle();
    restart();
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::replay);
}

TEST_F(AcceptOnceTest, TheLastAcceptedMessageOfATopicIsRetained) {
    const auto retained = [this](const Bytes& message) {
        const Delivered out = deliver(nurse_, topic, payload(message), Occasion::retained);
        return out.refusal;
    };
    const auto keep = [this](const Bytes& message) {
        return worker_->publish(pico_, {topic, payload(message), 1, true});
    };
    const Bytes never = device_.seal("never accepted");
    const Bytes older = device_.seal("older");
    const Bytes newer = device_.seal("newer");
    EXPECT_EQ(retained(never), Refusal::not_retained);
    EXPECT_FALSE(keep(older).copy);
    EXPECT_EQ(retained(older), Refusal::none);
    EXPECT_FALSE(keep(newer).copy);
    EXPECT_EQ(retained(older), Refusal::not_retained);
    EXPECT_EQ(retained(newer), Refusal::none);
    engine_->settle();
    restart();
    EXPECT_EQ(retained(older), Refusal::not_retained);
    EXPECT_EQ(retained(newer), Refusal::none);
    EXPECT_TRUE(keep(never).copy) << "late: delivered, not stored";
    EXPECT_EQ(retained(newer), Refusal::none);
}

TEST_F(AcceptOnceTest, AQos2MessageWithoutSubscribersIsRetained) {
    const Bytes message = device_.seal("72");
    EXPECT_EQ(publish_qos2(pico_, message, true).refusal, Refusal::none);
    const Delivered out = deliver(nurse_, topic, payload(message), Occasion::retained);
    EXPECT_EQ(out.refusal, Refusal::none);
}

TEST_F(AcceptOnceTest, AMessageThatNobodySealedIsNotFannedOut) {
    Bytes message = device_.seal("72");
    message.back() ^= 1U;
    EXPECT_EQ(fan_out(message), "bad_tag");
    message.back() ^= 1U;
    EXPECT_EQ(fan_out(message), "72");
}

TEST_F(AcceptOnceTest, AnUnsettledMessageMayComeAgainAfterACrash) {
    const Bytes settled = device_.seal("1");
    const Bytes under_way = device_.seal("2");
    EXPECT_EQ(publish(pico_, settled), Refusal::none);
    engine_->settle();
    EXPECT_EQ(publish(pico_, under_way), Refusal::none);
    crash();
    EXPECT_EQ(publish(pico_, settled), Refusal::replay);
    EXPECT_EQ(publish(pico_, under_way), Refusal::none);
}

TEST_F(AcceptOnceTest, DeliveryAfterACrashAcceptsTheMessage) {
    const Bytes whole = device_.seal("1");
    const Bytes interrupted = device_.seal("2");
    EXPECT_EQ(publish(pico_, whole), Refusal::none);
    EXPECT_EQ(publish(pico_, interrupted), Refusal::none);
    crash();
    EXPECT_TRUE(worker_->recover({topic, payload(whole), 0, false}, true));
    EXPECT_TRUE(worker_->recover({topic, payload(interrupted), 0, false}, false));
    EXPECT_FALSE(worker_->recover({topic, payload(whole), 0, false}, true)) << "once";
    EXPECT_EQ(publish(pico_, whole), Refusal::replay);
    EXPECT_EQ(publish(pico_, interrupted), Refusal::none) << "its sender was told nothing";
    EXPECT_EQ(publish(pico_, interrupted), Refusal::replay);
    engine_->settle();
    crash();
    EXPECT_FALSE(worker_->recover({topic, payload(whole), 0, false}, true)) << "from an older journal";
}

TEST_F(AcceptOnceTest, AMessageThatWaitsAtTheBrokerMayStayThere) {
    const Bytes message = device_.seal("72");
    EXPECT_EQ(publish_qos2(pico_, message).refusal, Refusal::none);
    EXPECT_TRUE(worker_->may_stay_in_flight(pico_, {topic, payload(message)}));
    EXPECT_FALSE(worker_->may_stay_in_flight(nurse_, {topic, payload(message)}));
    EXPECT_EQ(fan_out(message), "72");
    EXPECT_FALSE(worker_->may_stay_in_flight(pico_, {topic, payload(message)}));
}

TEST_F(AcceptOnceTest, AnEmptyRetainedMessageCountsOnArrival) {
    const Bytes message = device_.seal("");
    EXPECT_EQ(publish_qos2(pico_, message, true).refusal, Refusal::none);
    EXPECT_EQ(fan_out(message), "replay") << "when it is released";
    EXPECT_EQ(publish_qos2(pico_, message, true).refusal, Refusal::replay);
}

TEST_F(AcceptOnceTest, AnOldMessageIsTheWillOfOnlyOneSession) {
    std::vector<SessionId> sessions;
    for (int i = 0; i < 20; ++i) {
        Peer peer = this->peer("pico");
        const std::string id = "pico/" + std::to_string(i);
        peer.client_id = id;
        sessions.push_back(worker_->connect(peer, now).session);
        ASSERT_TRUE(sessions.back());
    }
    const Bytes will = device_.seal("gone");
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(pico_, device_.seal("later")), Refusal::none);
    }
    int accepted = 0;
    for (SessionId each : sessions) {
        const bool taken = worker_->publish_will(each, {topic, payload(will)}).refusal == Refusal::none;
        accepted += taken ? 1 : 0;
        worker_->end(each);
    }
    EXPECT_EQ(accepted, 1);
}

TEST_F(AcceptOnceTest, EachOfTwoSessionsHasItsOwnWill) {
    Peer other = peer("pico");
    other.client_id = "pico/second";
    const SessionId second = worker_->connect(other, now).session;
    const Bytes first_will = device_.seal("first gone");
    const Bytes second_will = device_.seal("second gone");
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(pico_, device_.seal("later")), Refusal::none);
    }
    EXPECT_EQ(worker_->publish_will(pico_, {topic, payload(first_will)}).refusal, Refusal::none);
    EXPECT_EQ(worker_->publish_will(second, {topic, payload(second_will)}).refusal, Refusal::none);
}

TEST_F(AcceptOnceTest, AMessageSealedByThisBrokerNeverComesBackOverABridge) {
    const Published out = worker_->publish(session("legacy"), {"legacy/pulse", payload("72")});
    const Bytes stored(out.replacement.get().begin(), out.replacement.get().end());
    const SessionId bridge = session("bridge");
    EXPECT_EQ(worker_->publish(bridge, {"legacy/pulse", payload(stored)}).refusal, Refusal::own_message);
    EXPECT_EQ(worker_->publish_bridged("bridge", {"legacy/pulse", payload(stored)}).refusal, Refusal::own_message);
    restart();
    EXPECT_EQ(worker_->publish(session("bridge"), {"legacy/pulse", payload(stored)}).refusal, Refusal::own_message);
}

}  // namespace reseal::engine::test
