// SPDX-License-Identifier: Apache-2.0
// Acknowledgements go, sealed, to the sender and to nobody else.
#include <reseal/ack.h>

#include "engine/engine_fixture.h"
#include "policy/reserved.h"

namespace reseal::engine::test {
namespace {

constexpr const char* ack_topic = "$reseal/pico/ack";

class Acks : public EngineTest {
  protected:
    Acks() : pico(session("pico")), device(credentials("pico")) {}

    bool subscribe() { return worker_->subscribe(pico, ack_topic, 1, 0); }

    // The acknowledgements that are due, opened. One that does not open names nothing.
    std::vector<reseal_ack> told() {
        std::vector<reseal_ack> out;
        for (const OwnMessage& each : worker_->acknowledgements()) {
            EXPECT_EQ(each.client_id, "pico");
            EXPECT_EQ(deliver(pico, each.topic, each.payload.get(), Occasion::stored).form, Delivered::Form::as_it_is)
                << "on Mosquitto 2.1 it is asked again";
            const std::string record = device.open(each.payload.get(), each.topic);
            out.emplace_back();
            EXPECT_TRUE(reseal_ack_read({payload(record).data(), record.size()}, &out.back())) << record;
        }
        return out;
    }
    static bool names(const reseal_ack& ack, const std::vector<std::uint8_t>& message) {
        return reseal_ack_names(&ack, {message.data(), message.size()});
    }

    SessionId pico;
    Endpoint device;
};

TEST_F(Acks, NameMessagesAcceptedSinceTheLastOne) {
    ASSERT_TRUE(subscribe());
    EXPECT_TRUE(told().empty()) << "nothing was accepted yet";
    const auto first = device.seal("71");
    const auto lost = device.seal("72");
    const auto last = device.seal("73");
    ASSERT_EQ(publish(pico, first), Refusal::none);
    ASSERT_EQ(publish(pico, last), Refusal::none);
    const auto acks = told();
    ASSERT_EQ(acks.size(), 1U) << "one for both";
    EXPECT_TRUE(names(acks[0], first));
    EXPECT_FALSE(names(acks[0], lost));
    EXPECT_TRUE(names(acks[0], last));
    EXPECT_TRUE(told().empty()) << "nothing is new";
    ASSERT_EQ(publish(pico, lost), Refusal::none);
    EXPECT_TRUE(names(told().at(0), lost));
}

TEST_F(Acks, NameNothingThatWasRefused) {
    ASSERT_TRUE(subscribe());
    auto forged = device.seal("71");
    const auto right = forged;
    forged.back() ^= 1;
    EXPECT_NE(publish(pico, forged), Refusal::none);
    EXPECT_NE(publish(pico, right, "commands/forbidden"), Refusal::none);
    EXPECT_TRUE(told().empty());
}

TEST_F(Acks, AreSentAgainOnEachSubscription) {
    const auto message = device.seal("71");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    EXPECT_TRUE(told().empty()) << "nobody has subscribed";
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(subscribe());
        const auto acks = told();
        ASSERT_EQ(acks.size(), 1U);
        EXPECT_TRUE(names(acks[0], message));
    }
    worker_->unsubscribe(pico, ack_topic);
    ASSERT_EQ(publish(pico, device.seal("72")), Refusal::none);
    EXPECT_TRUE(told().empty());
}

TEST_F(Acks, SayThatAReplayedMessageWasAlreadyAccepted) {
    ASSERT_TRUE(subscribe());
    const auto message = device.seal("71");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    ASSERT_EQ(told().size(), 1U);
    EXPECT_EQ(publish(pico, message), Refusal::replay);
    const auto acks = told();
    ASSERT_EQ(acks.size(), 1U) << "its sender does not know";
    EXPECT_TRUE(names(acks[0], message));
}

TEST_F(Acks, NameWhatWasSealedBeforeAndAfterANewKey) {
    ASSERT_TRUE(subscribe());
    const auto before = device.seal("71");
    rotate("pico", now + 90);
    ASSERT_TRUE(refresh(now).empty());
    Endpoint fresh(credentials("pico"));
    const auto after = fresh.seal("72");
    ASSERT_EQ(publish(pico, before), Refusal::none);
    ASSERT_EQ(publish(pico, after), Refusal::none);
    bool before_named = false;
    bool after_named = false;
    for (const OwnMessage& each : worker_->acknowledgements()) {
        reseal_ack ack{};
        const std::string record = fresh.open(each.payload.get(), each.topic);
        ASSERT_TRUE(reseal_ack_read({payload(record).data(), record.size()}, &ack)) << record;
        before_named = before_named || names(ack, before);
        after_named = after_named || names(ack, after);
    }
    EXPECT_TRUE(before_named);
    EXPECT_TRUE(after_named);
}

TEST_F(Acks, OfQos2ComeWhenDeliveryIsCertain) {
    ASSERT_TRUE(subscribe());
    const auto message = device.seal("71");
    ASSERT_EQ(worker_->publish(pico, {topic, payload(message), 2}).refusal, Refusal::none);
    EXPECT_TRUE(told().empty());
    const SessionId nurse = session("nurse");
    const Delivered out = deliver(nurse, topic, payload(message), Occasion::fan_out);
    EXPECT_TRUE(names(told().at(0), message));
}

TEST_F(Acks, AreForTheirPrincipalOnly) {
    const SessionId nurse = session("nurse");
    EXPECT_FALSE(worker_->subscribe(nurse, ack_topic, 1, 0));
    EXPECT_NE(publish(nurse, device.seal("x", ack_topic), ack_topic), Refusal::none);
    ASSERT_TRUE(subscribe());
    ASSERT_EQ(publish(pico, device.seal("71")), Refusal::none);
    worker_->end(pico);
    EXPECT_TRUE(worker_->acknowledgements().empty()) << "its session is over";
}

}  // namespace
}  // namespace reseal::engine::test
