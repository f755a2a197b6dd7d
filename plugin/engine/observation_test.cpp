// SPDX-License-Identifier: Apache-2.0
// What the engine counts and tells the observer, and what it says itself.
#include "engine/engine_fixture.h"

namespace reseal::engine::test {
namespace {

class Observation : public EngineTest {
  protected:
    [[nodiscard]] std::uint64_t measured(observe::Step step) const {
        return metrics_.step(static_cast<std::size_t>(step)).count();
    }
    [[nodiscard]] keyring::AdminRegistry registry() const {
        return std::move(*keyring::AdminRegistry::open(folder_ + "/registry.db", keyring::writer_patience));
    }
};

TEST_F(Observation, CountsMessagesSessionsAndKeys) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint reader(credentials("nurse"));
    const auto message = device.seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    ASSERT_EQ(publish(pico, message), Refusal::replay);
    ASSERT_EQ(delivered(nurse, reader, message), "72");
    EXPECT_EQ(metrics_.opened(), 1U);
    EXPECT_EQ(metrics_.sealed(), 1U);
    EXPECT_EQ(metrics_.sessions.get(), 2U);
    EXPECT_EQ(metrics_.principals.get(), 7U);
    EXPECT_EQ(metrics_.active_keys.get(), 7U);
    worker_->end(pico);
    EXPECT_EQ(metrics_.sessions.get(), 1U);
}

TEST_F(Observation, MeasuresTheTimeOfEachStep) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint reader(credentials("nurse"));
    const auto message = device.seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    ASSERT_EQ(delivered(nurse, reader, message), "72");
    for (const auto step : {observe::Step::publish, observe::Step::open, observe::Step::deliver, observe::Step::seal}) {
        EXPECT_EQ(measured(step), 1U) << observe::step_names.at(static_cast<std::size_t>(step));
    }
}

TEST_F(Observation, ReportsEachConnect) {
    const SessionId first = session("pico");
    EXPECT_EQ(seen_.events, std::vector<std::string>{"connected pico"});
    Peer again = peer("pico");
    again.session = first;
    ASSERT_TRUE(worker_->connect(again, now));
    EXPECT_EQ(seen_.events.size(), 1U) << "the broker only asked again";
}

TEST_F(Observation, ReportsAnAppliedRevocation) {
    ASSERT_TRUE(registry().revoke("pico", {.why = "lost", .who = {}}));
    (void)refresh(now);
    EXPECT_EQ(seen_.events, (std::vector<std::string>{"revoked pico", "revoked pico"})) << "principal and certificate";
    (void)refresh(now);
    EXPECT_EQ(seen_.events.size(), 2U) << "once";
}

TEST_F(Observation, ReportsAnAppliedRotation) {
    const auto master_key = keyring::read_master_key(folder_ + "/master.key");
    ASSERT_TRUE(registry().rotate("pico", keyring::make_key(*master_key, "pico", RESEAL_AES_CCM_16_128_128, 2), 0, {}));
    (void)refresh(now);
    EXPECT_EQ(seen_.events, std::vector<std::string>{"rotated pico"});
    EXPECT_EQ(metrics_.active_keys.get(), 7U);
    EXPECT_EQ(metrics_.retired_keys.get(), 1U);
}

TEST_F(Observation, IsSealedForEachSubscriber) {
    const SessionId nurse = session("nurse");
    Endpoint reader(credentials("nurse"));
    const Published alert = worker_->publish_own(alerts_topic, payload("tampering"));
    ASSERT_EQ(alert.refusal, Refusal::none);
    const Payload stored = alert.replacement.get();
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(stored.data()), stored.size()).find("tampering"),
              std::string_view::npos);
    EXPECT_EQ(delivered(nurse, reader, stored, alerts_topic), "tampering");
}

// The wearable may publish under "ward/pico/#".
TEST_F(Observation, CannotBeForgedByAClientWithARight) {
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    EXPECT_EQ(publish(pico, device.seal("all is well", alerts_topic), alerts_topic), Refusal::publish_not_allowed);
    EXPECT_EQ(publish(session("bridge"), device.seal("all is well", alerts_topic), alerts_topic),
              Refusal::publish_not_allowed);
}

}  // namespace
}  // namespace reseal::engine::test
