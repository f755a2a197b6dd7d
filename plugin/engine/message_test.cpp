// SPDX-License-Identifier: Apache-2.0
// What is accepted, what is delivered, and what is refused for which reason.
#include "engine/engine_fixture.h"

namespace reseal::engine::test {
namespace {

TEST_F(EngineTest, AcceptsAMessageOnceAndDeliversItManyTimes) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    const auto first = device.seal("72");
    const auto second = device.seal("73");
    EXPECT_EQ(publish(pico, first), Refusal::none);
    EXPECT_EQ(publish(pico, second), Refusal::none);
    EXPECT_EQ(publish(pico, first), Refusal::replay);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(delivered(nurse, application, payload(first)), "72");
        EXPECT_EQ(delivered(nurse, application, payload(second)), "73");
    }
}

// The broker may still hold what it queued before: a new epoch would make that stale.
TEST_F(EngineTest, KeepsTheEpochWhenASubscriberComesBack) {
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    std::vector<Delivered> sealed;
    for (const char* text : {"72", "73", "74"}) {
        const SessionId nurse = session("nurse");
        const auto message = device.seal(text);
        EXPECT_EQ(publish(pico, message), Refusal::none);
        sealed.push_back(deliver(nurse, topic, payload(message), Occasion::stored));
        worker_->end(nurse);
    }
    EXPECT_EQ(application.open(sealed[2].payload.get()), "74");
    EXPECT_EQ(application.open(sealed[0].payload.get()), "72");
    EXPECT_EQ(application.open(sealed[1].payload.get()), "73");
}

TEST_F(EngineTest, OpensNothingUnderAnotherTopicEvenRightAfterIt) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message, "ward/pico/ecg"), Refusal::bad_tag);
    EXPECT_EQ(publish(pico, message), Refusal::none);
    EXPECT_EQ(delivered(nurse, application, payload(message), "ward/pico/ecg"), "bad_tag");
    EXPECT_EQ(delivered(nurse, application, payload(message)), "72");
}

TEST_F(EngineTest, AcceptsTheOldGenerationUntilItsOverlapEndsAndThenWipesIt) {
    const SessionId pico = session("pico");
    Endpoint old(credentials("pico"));
    ASSERT_EQ(publish(pico, old.seal("71")), Refusal::none);
    rotate("pico", now + 10);
    ASSERT_TRUE(refresh(now).empty());
    const auto stored = old.seal("72");
    EXPECT_EQ(publish(pico, stored), Refusal::none);
    Endpoint fresh(credentials("pico"));
    EXPECT_EQ(publish(pico, fresh.seal("73")), Refusal::none);
    EXPECT_EQ(publish(pico, old.seal("74")), Refusal::none) << "the overlap still runs";

    ASSERT_TRUE(refresh(now + 10).empty());
    EXPECT_EQ(publish(pico, old.seal("75")), Refusal::unknown_key);
    Endpoint application(credentials("nurse"));
    EXPECT_EQ(delivered(session("nurse"), application, payload(stored)), "unknown_key");
    EXPECT_EQ(publish(pico, fresh.seal("76")), Refusal::none);
    EXPECT_EQ((*registry().find("pico"))->keys.size(), 1U) << "without a restart, in the registry too";
}

TEST_F(EngineTest, WipesNoKeyWhileTheClockMayBeAhead) {
    const SessionId pico = session("pico");
    Endpoint old(credentials("pico"));
    rotate("pico", now + 10);
    ASSERT_TRUE(refresh(now + 50, 45).empty());
    EXPECT_EQ(publish(pico, old.seal("72")), Refusal::none);
    ASSERT_TRUE(refresh(now + 55, 45).empty());
    EXPECT_EQ(publish(pico, old.seal("73")), Refusal::unknown_key);
}

TEST_F(EngineTest, SealsUnderTheOldGenerationUntilTheNewOneIsUsed) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint old(credentials("nurse"));
    const auto message = device.seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    EXPECT_EQ(delivered(nurse, old, payload(message)), "72");
    rotate("nurse", now + 10);
    ASSERT_TRUE(refresh(now).empty());
    EXPECT_EQ(delivered(nurse, old, payload(message)), "72");
    Endpoint fresh(credentials("nurse"));
    EXPECT_EQ(publish(nurse, fresh.seal("hello", "ward/nurse/x"), "ward/nurse/x"), Refusal::publish_not_allowed);
    EXPECT_EQ(delivered(nurse, old, payload(message)), "72") << "what was refused does not count";
    ASSERT_TRUE(refresh(now + 10).empty());
    EXPECT_EQ(delivered(nurse, fresh, payload(message)), "72") << "the older one has ended";
}

TEST_F(EngineTest, SealsUnderTheNewGenerationFromItsFirstUseOn) {
    const SessionId pico = session("pico");
    const SessionId monitor = session("monitor");
    Endpoint device(credentials("pico"));
    Endpoint old(credentials("monitor"));
    const auto message = device.seal("72");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    rotate("monitor", now + 10);
    ASSERT_TRUE(refresh(now).empty());
    Endpoint fresh(credentials("monitor"));
    EXPECT_EQ(delivered(monitor, old, payload(message)), "72");
    ASSERT_EQ(publish(monitor, fresh.seal("on", "ward/monitor/x"), "ward/monitor/x"), Refusal::none);
    EXPECT_EQ(delivered(monitor, fresh, payload(message)), "72");
}

TEST_F(EngineTest, GivesTheReasonForARefusal) {
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    Endpoint other(credentials("nurse"));
    auto flipped = device.seal("72");
    flipped.back() ^= 1U;
    auto cut = device.seal("72");
    cut.pop_back();
    EXPECT_EQ(publish(pico, flipped), Refusal::bad_tag);
    EXPECT_EQ(publish(pico, cut), Refusal::malformed);
    EXPECT_EQ(publish(pico, other.seal("72")), Refusal::foreign_key);
    EXPECT_EQ(publish(pico, device.seal("72", "ward/x"), "ward/x"), Refusal::publish_not_allowed);
    EXPECT_EQ(publish(pico, device.seal(std::string(1001, 'x'))), Refusal::oversized);
    EXPECT_EQ(worker_->publish(pico, {topic, payload("72")}).refusal, Refusal::not_sealed);
    EXPECT_EQ(worker_->publish(pico, {topic, {}}).refusal, Refusal::not_sealed);
    EXPECT_EQ(worker_->publish(pico, {"status/pico", payload("on")}).refusal, Refusal::none);
}

TEST_F(EngineTest, ForgedNewerEpochDoesNotDisturbTheCurrentOne) {
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    Endpoint ahead(credentials("pico"), 1000);
    EXPECT_EQ(publish(pico, device.seal("1")), Refusal::none);
    auto forged = ahead.seal("x");
    forged.back() ^= 1U;
    EXPECT_EQ(publish(pico, forged), Refusal::bad_tag);
    EXPECT_EQ(publish(pico, device.seal("2")), Refusal::none);
}

TEST_F(EngineTest, RemembersTheWindowWhenOpenedAgain) {
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(session("pico"), message), Refusal::none);
    engine_->settle();
    open();
    const SessionId pico = session("pico");
    EXPECT_EQ(publish(pico, message), Refusal::replay);
    EXPECT_EQ(publish(pico, device.seal("73")), Refusal::none);
}

TEST_F(EngineTest, SealsClearMessagesUnderTheStorageKey) {
    const SessionId legacy = session("legacy");
    const SessionId nurse = session("nurse");
    Endpoint application(credentials("nurse"));
    const Published published = worker_->publish(legacy, {"legacy/pulse", payload("72 in clear")});
    ASSERT_EQ(published.refusal, Refusal::none);
    const Payload stored = published.replacement.get();
    ASSERT_FALSE(stored.empty());
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(stored.data()), stored.size()).find("clear"),
              std::string_view::npos);
    EXPECT_EQ(delivered(nurse, application, stored, "legacy/pulse"), "72 in clear");
}

TEST_F(EngineTest, KeepsClearPayloadsOffAnUnprotectedChannel) {
    Endpoint sender(credentials("legacy"));
    Endpoint reader(credentials("screen"));
    const SessionId legacy = bare_session("legacy", sender);
    const SessionId screen = bare_session("screen", reader);
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message), Refusal::none);
    EXPECT_EQ(worker_->publish(legacy, {"legacy/pulse", payload("72")}).refusal, Refusal::channel_not_protected);
    EXPECT_EQ(worker_->publish(legacy, {"legacy/pulse", {}, 1, true}).refusal, Refusal::channel_not_protected)
        << "whoever is on the line could clear a retained message";
    EXPECT_EQ(deliver(screen, topic, payload(message), Occasion::stored).refusal, Refusal::channel_not_protected);
}

TEST_F(EngineTest, RetainsNothingFromAnUnprotectedChannel) {
    Endpoint device(credentials("pico"));
    const SessionId pico = bare_session("pico", device);
    const auto message = device.seal("72");
    const Published out = worker_->publish(pico, {topic, payload(message), 1, true});
    EXPECT_EQ(out.refusal, Refusal::none);
    EXPECT_TRUE(out.copy) << "delivered, and stored without the flag";
    EXPECT_TRUE(out.bare);
    EXPECT_NE(log_.find("messages of pico are not retained"), std::string::npos) << log_;
}

TEST_F(EngineTest, DeliversInClearWhereTheAclSaysSo) {
    const SessionId pico = session("pico");
    const SessionId screen = session("screen");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message), Refusal::none);
    const Delivered out = deliver(screen, topic, payload(message), Occasion::stored);
    ASSERT_EQ(out.form, Delivered::Form::clear);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(out.payload.data()), out.payload.size()), "72");
}

TEST_F(EngineTest, DeliversAQueuedMessageToItsOwnerOnly) {
    const SessionId pico = session("pico");
    const SessionId nurse = session("nurse");
    const SessionId other = session("screen");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message), Refusal::none);
    const Delivered out = deliver(nurse, topic, payload(message), Occasion::stored);
    ASSERT_EQ(out.form, Delivered::Form::sealed);
    const Payload queued = out.payload.get();
    EXPECT_EQ(deliver(nurse, topic, queued, Occasion::stored).form, Delivered::Form::as_it_is);
    EXPECT_EQ(deliver(other, topic, queued, Occasion::stored).refusal, Refusal::foreign_key);
}

TEST_F(EngineTest, LogsARefusedDeliveryOncePerTopic) {
    const SessionId nurse = session("nurse");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(deliver(nurse, "elsewhere", payload("x"), Occasion::stored).refusal, Refusal::deliver_not_allowed);
    }
    EXPECT_EQ(log_.find("deliver_not_allowed"), log_.rfind("deliver_not_allowed"));
}

TEST_F(EngineTest, AcceptsAWillOlderThanTheWindowOnce) {
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    EXPECT_EQ(publish(pico, device.seal("before")), Refusal::none);
    const SessionId next = session("pico");
    const auto will = device.seal("gone");
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(next, device.seal("x")), Refusal::none);
    }
    EXPECT_EQ(publish(next, will), Refusal::replay) << "as an ordinary message it is too old";
    EXPECT_EQ(worker_->publish_will(next, {topic, payload(will)}).refusal, Refusal::none);
    EXPECT_EQ(worker_->publish_will(next, {topic, payload(will)}).refusal, Refusal::replay);
}

TEST_F(EngineTest, AcceptsNoOldMessageAsAWill) {
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    const auto old = device.seal("old");
    EXPECT_EQ(publish(pico, old), Refusal::none);
    const auto first = device.seal("first");
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(pico, device.seal("x")), Refusal::none);
    }
    EXPECT_EQ(worker_->publish_will(pico, {topic, payload(old)}).refusal, Refusal::replay);
    EXPECT_EQ(worker_->publish_will(pico, {topic, payload(first)}).refusal, Refusal::replay);
}

TEST_F(EngineTest, KeepsTheSlotOfADelayedWill) {
    const SessionId pico = session("pico");
    Endpoint device(credentials("pico"));
    EXPECT_EQ(publish(pico, device.seal("before")), Refusal::none);
    worker_->end(pico);
    const SessionId next = session("pico");
    const auto will = device.seal("gone");
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(next, device.seal("x")), Refusal::none);
    }
    worker_->end(next);
    const SessionId resumed = worker_->resume("pico", "pico");
    EXPECT_EQ(worker_->publish_will(resumed, {topic, payload(will)}).refusal, Refusal::none);
}

}  // namespace
}  // namespace reseal::engine::test
