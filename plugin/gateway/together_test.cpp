// Deliveries that are sealed together: whatever comes in between, each is complete when it may be read.
#include "gateway/gateway_fixture.h"

namespace reseal::gateway::test {
namespace {

class TogetherTest : public GatewayTest {
  protected:
    static constexpr std::size_t nurses = SealQueue::most + 6;

    TogetherTest() {
        for (std::size_t i = 0; i < nurses; ++i) {
            add(name(i), "clinician");
        }
        open();
    }
    ~TogetherTest() override {
        for (const reseal_buffer& each : handed_over_) {
            std::free(each.data);
        }
    }

    static std::string name(std::size_t i) { return "nurse-" + std::to_string(i); }

    reseal_buffer hand_over(Session& to, const std::vector<std::uint8_t>& message) {
        const Delivered out = gateway_->deliver(to, topic, payload(message), Occasion::stored, Sealing::together);
        EXPECT_EQ(out.form, Delivered::Form::sealed);
        handed_over_.push_back(out.payload);
        return out.payload;
    }

    std::vector<reseal_buffer> handed_over_;
};

TEST_F(TogetherTest, EachOfManyGetsTheMessageUnderItsOwnKey) {
    Session& pico = session("pico");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    for (std::size_t i = 0; i < nurses; ++i) {
        hand_over(session(name(i)), message);
    }
    gateway_->complete_seals();
    for (std::size_t i = 0; i < nurses; ++i) {
        Endpoint nurse(credentials(name(i)));
        EXPECT_EQ(nurse.open(handed_over_[i]), "72") << name(i);
    }
    EXPECT_EQ(log_, "");
}

TEST_F(TogetherTest, TheNextMessageLeavesTheLastOneComplete) {
    Session& pico = session("pico");
    Session& nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    const auto first = device.seal("72");
    const auto second = device.seal("73");
    ASSERT_EQ(publish(pico, first), Refusal::none);
    const reseal_buffer of_first = hand_over(nurse, first);
    ASSERT_EQ(publish(pico, second), Refusal::none);
    const reseal_buffer of_second = hand_over(nurse, second);
    const reseal_buffer first_again = hand_over(nurse, first);
    gateway_->complete_seals();
    EXPECT_EQ(application.open(of_first), "72");
    EXPECT_EQ(application.open(of_second), "73");
    EXPECT_EQ(application.open(first_again), "72");
}

TEST_F(TogetherTest, SoDoTheEndOfASessionAndAChangeOfTheRegistry) {
    Session& pico = session("pico");
    Session& nurse = session("nurse");
    Session& other = session(name(0));
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    Endpoint application_of_other(credentials(name(0)));
    const auto message = device.seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    const reseal_buffer for_nurse = hand_over(nurse, message);
    gateway_->end(&nurse);
    const reseal_buffer for_other = hand_over(other, message);
    rotate(name(0), now + 10);
    EXPECT_TRUE(gateway_->refresh(now).empty());
    EXPECT_EQ(application.open(for_nurse), "72");
    EXPECT_EQ(application_of_other.open(for_other), "72");
}

// A broker that asks for one delivery after the other.
class ForeseenTest : public TogetherTest {
  protected:
    ForeseenTest() {
        for (std::size_t i = 0; i < nurses; ++i) {
            nurses_.push_back({&session(name(i)), std::make_unique<Endpoint>(credentials(name(i)))});
        }
    }

    std::vector<std::uint8_t> arrived(std::string_view text, std::string_view under = topic) {
        auto message = device_.seal(text, under);
        EXPECT_EQ(publish(pico_, message, under), Refusal::none);
        return message;
    }

    std::string delivered_to(std::size_t i, Payload message, std::string_view under = topic) {
        const Delivered out =
            gateway_->deliver(*nurses_[i].session, under, message, Occasion::stored, Sealing::foreseen);
        handed_over_.push_back(out.payload);
        return out.form == Delivered::Form::sealed ? nurses_[i].application->open(out.payload, under)
                                                   : std::string(name_of(out.refusal));
    }
    bool sealed_ahead(std::size_t i) const { return nurses_[i].session->foreseen.data != nullptr; }

    struct Nurse {
        Session* session;
        std::unique_ptr<Endpoint> application;
    };
    Session& pico_ = session("pico");
    Endpoint device_{credentials("pico")};
    std::vector<Nurse> nurses_;
};

TEST_F(ForeseenTest, WhoGotTheLastMessageOfATopicHasTheNextOneSealedWithTheFirstDelivery) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(delivered_to(i, payload(first)), "72");
        EXPECT_FALSE(sealed_ahead(i));
    }
    const auto second = arrived("73");
    EXPECT_EQ(delivered_to(0, payload(second)), "73");
    EXPECT_TRUE(sealed_ahead(1) && sealed_ahead(2));
    EXPECT_EQ(delivered_to(1, payload(second)), "73");
    EXPECT_EQ(delivered_to(2, payload(second)), "73");
    EXPECT_EQ(delivered_to(2, payload(second)), "73") << "by another subscription";
    EXPECT_EQ(metrics_.sealed.get(), 7U);
}

TEST_F(ForeseenTest, OfManyThoseWhoComeNextAreSealedAhead) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < nurses; ++i) {
        EXPECT_EQ(delivered_to(i, payload(first)), "72");
    }
    const auto second = arrived("73");
    for (std::size_t i = 0; i < nurses; ++i) {
        EXPECT_EQ(delivered_to(i, payload(second)), "73");
        const std::size_t ahead = i < SealQueue::most ? SealQueue::most : nurses;
        EXPECT_TRUE(i + 1 >= ahead || (sealed_ahead(i + 1) && sealed_ahead(ahead - 1))) << i;
        EXPECT_FALSE(ahead < nurses && sealed_ahead(ahead)) << i;
    }
    EXPECT_EQ(metrics_.sealed.get(), 2 * nurses);
}

TEST_F(ForeseenTest, InAnotherOrderEachGetsItsOwnCopyAllTheSame) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < nurses; ++i) {
        (void)delivered_to(i, payload(first));
    }
    const auto second = arrived("73");
    for (std::size_t i = nurses; i-- > 0;) {
        EXPECT_EQ(delivered_to(i, payload(second)), "73") << i;
    }
    (void)arrived("74");
    for (std::size_t i = 0; i < nurses; ++i) {
        EXPECT_FALSE(sealed_ahead(i)) << i;
    }
}

TEST_F(ForeseenTest, WhatIsNotAskedForIsDroppedAndNotSealedAheadAgain) {
    const auto first = arrived("72");
    (void)delivered_to(0, payload(first));
    (void)delivered_to(1, payload(first));
    const auto second = arrived("73");
    EXPECT_EQ(delivered_to(0, payload(second)), "73");
    EXPECT_TRUE(sealed_ahead(1));
    const auto third = arrived("74");
    EXPECT_FALSE(sealed_ahead(1)) << "of the message before";
    EXPECT_EQ(delivered_to(0, payload(third)), "74");
    EXPECT_FALSE(sealed_ahead(1));
    EXPECT_EQ(delivered_to(1, payload(second)), "73") << "late";
    EXPECT_EQ(delivered_to(1, payload(third)), "74");
    EXPECT_EQ(metrics_.sealed.get(), 6U);
}

TEST_F(ForeseenTest, ACopySealedAheadIsNeverTakenForAnotherMessage) {
    const auto first = arrived("72");
    (void)delivered_to(0, payload(first));
    (void)delivered_to(1, payload(first));
    const auto elsewhere = arrived("80", "ward/pico/spo2");
    EXPECT_EQ(delivered_to(1, Payload{}), "") << "a retained message was cleared";
    EXPECT_EQ(delivered_to(1, payload(elsewhere), "ward/pico/spo2"), "80");
    EXPECT_EQ(delivered_to(1, payload(first)), "72");
    EXPECT_EQ(delivered_to(0, payload(elsewhere), "ward/pico/spo2"), "80");
}

TEST_F(ForeseenTest, WhoMayNotReadAnyMoreGetsNothing) {
    const auto first = arrived("72");
    (void)delivered_to(0, payload(first));
    (void)delivered_to(1, payload(first));
    const auto second = arrived("73");
    (void)delivered_to(0, payload(second));
    ASSERT_TRUE(sealed_ahead(1));
    gateway_->reconfigure(policy::Policy(policy::Acl{}),
                          {.max_payload = 1000, .unsealed_topics = {}, .alerts_topic = {}});
    EXPECT_EQ(delivered_to(1, payload(second)), "deliver_not_allowed");
}

TEST_F(ForeseenTest, TheEndOfASessionLeavesTheOthersTheirCopies) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < 3; ++i) {
        (void)delivered_to(i, payload(first));
    }
    const auto second = arrived("73");
    EXPECT_EQ(delivered_to(0, payload(second)), "73");
    gateway_->end(nurses_[1].session);
    EXPECT_EQ(delivered_to(2, payload(second)), "73");
}

}  // namespace
}  // namespace reseal::gateway::test
