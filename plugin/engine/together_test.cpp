// SPDX-License-Identifier: Apache-2.0
// Deliveries that are sealed together: whatever comes in between, each is complete when it may be read.
#include "engine/engine_fixture.h"
#include "engine/sealer.h"

namespace reseal::engine::test {
namespace {

class TogetherTest : public EngineTest {
  protected:
    static constexpr std::size_t nurses = Sealer::most + 6;

    TogetherTest() {
        for (std::size_t i = 0; i < nurses; ++i) {
            add(name(i), "clinician");
        }
        open();
    }
    static std::string name(std::size_t i) { return "nurse-" + std::to_string(i); }

    Payload hand_over(SessionId to, const std::vector<std::uint8_t>& message) {
        Delivered out = deliver(to, topic, payload(message), Occasion::stored, Sealing::together);
        EXPECT_EQ(out.form, Delivered::Form::sealed);
        handed_over_.push_back(std::move(out.payload));
        return handed_over_.back().get();
    }

    std::vector<Bytes> handed_over_;
};

TEST_F(TogetherTest, EachSubscriberGetsTheMessageUnderItsOwnKey) {
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    for (std::size_t i = 0; i < nurses; ++i) {
        hand_over(session(name(i)), message);
    }
    worker_->complete();
    for (std::size_t i = 0; i < nurses; ++i) {
        Endpoint nurse(credentials(name(i)));
        EXPECT_EQ(nurse.open(handed_over_[i].get()), "72") << name(i);
    }
    EXPECT_EQ(log_, "");
}

TEST_F(TogetherTest, TheNextMessageLeavesTheLastOneComplete) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    const auto first = device.seal("72");
    const auto second = device.seal("73");
    ASSERT_EQ(publish(pico, first), Refusal::none);
    const Payload of_first = hand_over(nurse, first);
    ASSERT_EQ(publish(pico, second), Refusal::none);
    const Payload of_second = hand_over(nurse, second);
    const Payload first_again = hand_over(nurse, first);
    worker_->complete();
    EXPECT_EQ(application.open(of_first), "72");
    EXPECT_EQ(application.open(of_second), "73");
    EXPECT_EQ(application.open(first_again), "72");
}

TEST_F(TogetherTest, EndingASessionOrChangingTheRegistryLeavesCopiesComplete) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    const SessionId other = session(name(0));
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    Endpoint application_of_other(credentials(name(0)));
    const auto message = device.seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    const Payload for_nurse = hand_over(nurse, message);
    worker_->end(nurse);
    const Payload for_other = hand_over(other, message);
    rotate(name(0), now + 10);
    EXPECT_TRUE(refresh(now).empty());
    worker_->idle();
    EXPECT_EQ(application.open(for_nurse), "72");
    EXPECT_EQ(application_of_other.open(for_other), "72");
}

// A broker that asks for one delivery after the other.
class ForeseenTest : public TogetherTest {
  protected:
    ForeseenTest() {
        for (std::size_t i = 0; i < nurses; ++i) {
            nurses_.push_back({session(name(i)), std::make_unique<Endpoint>(credentials(name(i)))});
        }
    }

    std::vector<std::uint8_t> arrived(std::string_view text, std::string_view under = topic) {
        auto message = device_.seal(text, under);
        EXPECT_EQ(publish(pico_, message, under), Refusal::none);
        return message;
    }

    std::string delivered_to(std::size_t i, Payload message, std::string_view under = topic) {
        const std::size_t before = allocations_;
        Delivered out = deliver(nurses_[i].session, under, message, Occasion::stored, Sealing::foreseen);
        sealed_ = allocations_ - before;
        handed_over_.push_back(std::move(out.payload));
        return out.form == Delivered::Form::sealed ? nurses_[i].application->open(handed_over_.back().get(), under)
                                                   : std::string(name_of(out.refusal));
    }

    struct Nurse {
        SessionId session;
        std::unique_ptr<Endpoint> application;
    };
    SessionId pico_ = session("pico");
    Endpoint device_{credentials("pico")};
    std::vector<Nurse> nurses_;
    std::size_t sealed_ = 0;  // copies with the last delivery: its own, if it was not sealed before, and others'
};

TEST_F(ForeseenTest, TheFirstDeliverySealsForTheLastMessagesReceivers) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(delivered_to(i, payload(first)), "72");
        EXPECT_EQ(sealed_, 1U);
    }
    const auto second = arrived("73");
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(delivered_to(i, payload(second)), "73");
        EXPECT_EQ(sealed_, i == 0 ? 3U : 0U);
    }
    EXPECT_EQ(delivered_to(2, payload(second)), "73") << "by another subscription";
    EXPECT_EQ(sealed_, 1U);
    EXPECT_EQ(metrics_.sealed(), 7U);
}

TEST_F(ForeseenTest, SealsAheadForTheNextOfManyReceivers) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < nurses; ++i) {
        EXPECT_EQ(delivered_to(i, payload(first)), "72");
    }
    const auto second = arrived("73");
    for (std::size_t i = 0; i < nurses; ++i) {
        EXPECT_EQ(delivered_to(i, payload(second)), "73");
        EXPECT_EQ(sealed_, i == 0 ? Sealer::most : i == Sealer::most ? nurses - Sealer::most : 0) << i;
    }
    EXPECT_EQ(metrics_.sealed(), 2 * nurses);
}

TEST_F(ForeseenTest, EachGetsItsOwnCopyInAnyOrder) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < nurses; ++i) {
        (void)delivered_to(i, payload(first));
    }
    const auto second = arrived("73");
    for (std::size_t i = nurses; i-- > 0;) {
        EXPECT_EQ(delivered_to(i, payload(second)), "73") << i;
    }
    worker_->idle();
    EXPECT_EQ(live_, 2 * nurses) << "nothing is kept";
}

TEST_F(ForeseenTest, AnUnusedCopyIsDroppedAndNotSealedAheadAgain) {
    const auto first = arrived("72");
    (void)delivered_to(0, payload(first));
    (void)delivered_to(1, payload(first));
    const auto second = arrived("73");
    EXPECT_EQ(delivered_to(0, payload(second)), "73");
    EXPECT_EQ(sealed_, 2U);
    const auto third = arrived("74");
    EXPECT_EQ(delivered_to(0, payload(third)), "74");
    EXPECT_EQ(sealed_, 1U);
    EXPECT_EQ(live_, 4U) << "the other one of the message before is gone";
    EXPECT_EQ(delivered_to(1, payload(second)), "73") << "late";
    EXPECT_EQ(delivered_to(1, payload(third)), "74");
    EXPECT_EQ(metrics_.sealed(), 6U);
}

TEST_F(ForeseenTest, ACopySealedAheadIsNeverUsedForAnotherMessage) {
    const auto first = arrived("72");
    (void)delivered_to(0, payload(first));
    (void)delivered_to(1, payload(first));
    const auto elsewhere = arrived("80", "ward/pico/spo2");
    EXPECT_EQ(delivered_to(1, Payload{}), "") << "a retained message was cleared";
    EXPECT_EQ(delivered_to(1, payload(elsewhere), "ward/pico/spo2"), "80");
    EXPECT_EQ(delivered_to(1, payload(first)), "72");
    EXPECT_EQ(delivered_to(0, payload(elsewhere), "ward/pico/spo2"), "80");
}

TEST_F(ForeseenTest, ASubscriberThatLostItsRightGetsNothing) {
    const auto first = arrived("72");
    (void)delivered_to(0, payload(first));
    (void)delivered_to(1, payload(first));
    const auto second = arrived("73");
    (void)delivered_to(0, payload(second));
    ASSERT_EQ(sealed_, 2U);
    engine_->reconfigure(policy::Policy(policy::Acl{}),
                         {.max_payload = 1000, .unsealed_topics = {}, .alerts_topic = {}});
    EXPECT_EQ(delivered_to(1, payload(second)), "deliver_not_allowed");
}

TEST_F(ForeseenTest, EndingASessionLeavesTheOthersTheirCopies) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < 3; ++i) {
        (void)delivered_to(i, payload(first));
    }
    const auto second = arrived("73");
    EXPECT_EQ(delivered_to(0, payload(second)), "73");
    worker_->end(nurses_[1].session);
    EXPECT_EQ(delivered_to(2, payload(second)), "73");
    EXPECT_EQ(sealed_, 0U);
}

TEST_F(ForeseenTest, ANewSessionInThePlaceOfAnEndedOneGetsItsOwnCopy) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < 3; ++i) {
        (void)delivered_to(i, payload(first));
    }
    worker_->end(nurses_[1].session);
    const SessionId fresh = session("nurse");
    Endpoint reader(credentials("nurse"));
    const auto second = arrived("73");
    const Delivered out = deliver(fresh, topic, payload(second), Occasion::stored, Sealing::foreseen);
    ASSERT_EQ(out.form, Delivered::Form::sealed);
    EXPECT_EQ(reader.open(out.payload.get()), "73");
    EXPECT_EQ(delivered_to(0, payload(second)), "73");
    EXPECT_EQ(delivered_to(2, payload(second)), "73");
}

TEST_F(ForeseenTest, NothingIsSealedAheadForASessionThatHasEnded) {
    const auto first = arrived("72");
    for (std::size_t i = 0; i < 3; ++i) {
        (void)delivered_to(i, payload(first));
    }
    worker_->end(nurses_[1].session);
    const auto second = arrived("73");
    EXPECT_EQ(delivered_to(0, payload(second)), "73");
    EXPECT_EQ(sealed_, 2U);
    EXPECT_EQ(delivered_to(1, payload(second)), "no_session");
}

}  // namespace
}  // namespace reseal::engine::test
