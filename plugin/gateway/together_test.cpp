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
        const Delivered out = gateway_->deliver(to, topic, payload(message), Sealing::together);
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

}  // namespace
}  // namespace reseal::gateway::test
