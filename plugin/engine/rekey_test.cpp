// SPDX-License-Identifier: Apache-2.0
// A new key over the air: to its device alone, under the key that it has, until it is used.
#include <reseal/rekey.h>

#include "engine/engine_fixture.h"
#include "policy/reserved.h"

namespace reseal::engine::test {
namespace {

constexpr const char* key_topic = "$reseal/pico/key";
constexpr std::int64_t overlap = 10;  // all within the 100 seconds of the certificates

class Rekey : public EngineTest {
  protected:
    Rekey() : pico(session("pico")), old(credentials("pico")) {}

    // What the broker hands over: the plaintexts, as `reader` opens them.
    std::vector<std::string> sent(Endpoint& reader) {
        std::vector<std::string> out;
        for (const OwnMessage& rekey : worker_->rekeys()) {
            EXPECT_EQ(deliver(pico, rekey.topic, rekey.payload.get(), Occasion::stored).form, Delivered::Form::as_it_is)
                << "on Mosquitto 2.1 it is asked again";
            out.push_back(reader.open(rekey.payload.get(), rekey.topic));
        }
        return out;
    }

    std::string record(const std::string& id) {
        const reseal_credentials fresh = credentials(id);
        std::string out(RESEAL_REKEY_RECORD_MAX, '\0');
        out.resize(reseal_rekey_record_write(reinterpret_cast<std::uint8_t*>(out.data()), &fresh));
        return out;
    }

    void take_over(std::time_t at = now) { ASSERT_TRUE(refresh(at).empty()); }
    bool subscribe(const char* filter = key_topic) { return worker_->subscribe(pico, filter, 1, 0); }
    std::vector<keyring::Key> keys() { return (*registry().find("pico"))->keys; }

    SessionId pico;
    Endpoint old;
};

TEST_F(Rekey, IsSealedUnderTheOldKeyForTheSubscriber) {
    ASSERT_TRUE(subscribe());
    EXPECT_TRUE(sent(old).empty()) << "there is no new key";
    rotate_over_the_air("pico", overlap);
    take_over();
    EXPECT_EQ(sent(old), std::vector<std::string>{record("pico")});
    EXPECT_TRUE(sent(old).empty()) << "once";
    EXPECT_NE(log_.find("pico: key generation 2, sent over the air"), std::string::npos) << log_;
}

TEST_F(Rekey, IsSentAgainOnEachSubscriptionUntilTheKeyIsUsed) {
    rotate_over_the_air("pico", overlap);
    take_over();
    EXPECT_TRUE(sent(old).empty()) << "nobody has subscribed";
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(subscribe());
        EXPECT_EQ(sent(old), std::vector<std::string>{record("pico")});
    }
    worker_->end(pico);
    pico = session("pico");
    take_over();
    EXPECT_TRUE(sent(old).empty()) << "the new session has not subscribed";
    ASSERT_TRUE(subscribe());
    EXPECT_EQ(sent(old).size(), 1U);
    Endpoint fresh(credentials("pico"));
    ASSERT_EQ(publish(pico, fresh.seal("72")), Refusal::none);
    ASSERT_TRUE(subscribe());
    EXPECT_TRUE(sent(fresh).empty()) << "it is in use";
}

// A key that was brought by hand was perhaps brought because an older one is lost: nothing is sent under that.
TEST_F(Rekey, WaitsUntilAManuallyInstalledKeyIsUsed) {
    rotate("pico", now + 90);
    Endpoint by_hand(credentials("pico"));
    rotate_over_the_air("pico", overlap, 3);
    take_over();
    ASSERT_TRUE(subscribe());
    EXPECT_TRUE(sent(old).empty());
    ASSERT_EQ(publish(pico, by_hand.seal("72")), Refusal::none);
    EXPECT_EQ(sent(by_hand), std::vector<std::string>{record("pico")});
}

TEST_F(Rekey, LeavesOtherSessionsAlone) {
    const SessionId nurse = session("nurse");
    Endpoint reader(credentials("nurse"));
    const std::vector<std::uint8_t> message = old.seal("71");
    ASSERT_EQ(publish(pico, message), Refusal::none);
    ASSERT_EQ(delivered(nurse, reader, payload(message)), "71");
    rotate_over_the_air("pico", overlap);
    take_over();
    EXPECT_EQ(delivered(nurse, reader, payload(message)), "71") << "goes on in the same epoch";
    rotate("nurse", now + 90);
    take_over();
    EXPECT_EQ(delivered(nurse, reader, payload(message)), "71") << "under its old key, until it uses the new one";
}

TEST_F(Rekey, IsNotSentAfterUnsubscribing) {
    ASSERT_TRUE(subscribe());
    worker_->unsubscribe(pico, key_topic);
    rotate_over_the_air("pico", overlap);
    take_over();
    EXPECT_TRUE(sent(old).empty());
}

TEST_F(Rekey, KeepsTheOldKeyUntilTheNewOneIsUsedAndForTheOverlap) {
    ASSERT_EQ(publish(pico, old.seal("71")), Refusal::none);
    rotate_over_the_air("pico", overlap);
    take_over(now + 50);
    EXPECT_EQ(publish(pico, old.seal("72")), Refusal::none) << "the new one was not used";
    Endpoint fresh(credentials("pico"));
    ASSERT_EQ(publish(pico, fresh.seal("73")), Refusal::none);
    const std::time_t used = now + 60;
    take_over(used);
    EXPECT_EQ(keys()[1].ends, used + overlap);
    take_over(used + overlap - 1);
    EXPECT_EQ(publish(pico, old.seal("74")), Refusal::none) << "the overlap still runs";
    take_over(used + overlap);
    EXPECT_EQ(publish(pico, old.seal("75")), Refusal::unknown_key);
    EXPECT_EQ(publish(pico, fresh.seal("76")), Refusal::none);
    EXPECT_EQ(keys().size(), 1U) << "wiped";
}

TEST_F(Rekey, BeginsTheOverlapEvenIfTheBrokerEndsRightAfterTheFirstUse) {
    rotate_over_the_air("pico", overlap);
    take_over();
    Endpoint fresh(credentials("pico"));
    ASSERT_EQ(publish(pico, fresh.seal("73")), Refusal::none);
    EXPECT_EQ(keys()[1].ends, 0) << "nothing is written on the way of a message";
    engine_->settle();
    open();
    take_over(now + 5);
    EXPECT_EQ(keys()[1].ends, now + 5 + overlap);
}

TEST_F(Rekey, LeadsFromAnyAcceptedGenerationToTheNewestAndNeverBack) {
    ASSERT_TRUE(subscribe());
    rotate_over_the_air("pico", overlap);
    take_over();
    EXPECT_EQ(sent(old).size(), 1U);
    Endpoint second(credentials("pico"));
    rotate_over_the_air("pico", overlap, 3);
    take_over();
    EXPECT_EQ(sent(old), std::vector<std::string>{record("pico")}) << "the newest, under the oldest";
    ASSERT_EQ(publish(pico, second.seal("72")), Refusal::none) << "it took the one between";
    take_over();
    ASSERT_TRUE(subscribe());
    EXPECT_EQ(sent(second), std::vector<std::string>{record("pico")});
    Endpoint third(credentials("pico"));
    ASSERT_EQ(publish(pico, third.seal("73")), Refusal::none);
    ASSERT_EQ(publish(pico, second.seal("74")), Refusal::none);
    ASSERT_TRUE(subscribe());
    EXPECT_TRUE(sent(third).empty());
}

// Whoever has the key that was lost could read what is sent under it.
TEST_F(Rekey, NeverSendsManualOrLaterKeysUnderAnEarlierKey) {
    ASSERT_TRUE(subscribe());
    rotate("pico", now + 90);
    take_over();
    EXPECT_TRUE(sent(old).empty());
    Endpoint second(credentials("pico"));
    rotate_over_the_air("pico", overlap, 3);
    take_over();
    EXPECT_TRUE(sent(old).empty());
    ASSERT_EQ(publish(pico, second.seal("72")), Refusal::none);
    ASSERT_TRUE(subscribe());
    EXPECT_EQ(sent(second), std::vector<std::string>{record("pico")});
}

TEST_F(Rekey, HasATopicThatNobodyElseReadsOrPublishes) {
    for (const char* id : {"nurse", "monitor", "screen", "bridge", "legacy", "pico"}) {
        const SessionId other = session(id);
        Endpoint endpoint(credentials(id));
        EXPECT_EQ(publish(other, endpoint.seal("x", key_topic), key_topic), Refusal::reserved_topic) << id;
        const auto message = endpoint.seal("x", key_topic);
        EXPECT_EQ(worker_->publish_will(other, {key_topic, payload(message)}).refusal, Refusal::reserved_topic) << id;
        EXPECT_EQ(worker_->subscribe(other, key_topic, 1, 0), std::string_view(id) == "pico") << id;
        for (const char* filter : {"$reseal/#", "$reseal/+/key", "$share/all/$reseal/pico/key"}) {
            EXPECT_FALSE(worker_->subscribe(other, filter, 1, 0)) << id << " " << filter;
        }
    }
    const auto message = old.seal("x", key_topic);
    EXPECT_EQ(worker_->publish_bridged("other-broker", {key_topic, payload(message)}).refusal, Refusal::reserved_topic);
    EXPECT_EQ(worker_->publish_bridged("other-broker", {key_topic, {}}).refusal, Refusal::reserved_topic);
    EXPECT_NE(log_.find("refused publish: reason=reserved_topic"), std::string::npos) << log_;
}

TEST_F(Rekey, DeliversNothingElseUnderItsTopic) {
    const auto uplink = old.seal("x", key_topic);
    EXPECT_EQ(deliver(pico, key_topic, payload(uplink), Occasion::stored).refusal, Refusal::reserved_topic);
    EXPECT_EQ(deliver(pico, key_topic, payload("in clear"), Occasion::stored).refusal, Refusal::reserved_topic);
    EXPECT_EQ(deliver(pico, key_topic, {}, Occasion::stored).refusal, Refusal::reserved_topic);
    const Published own = worker_->publish_own(key_topic, payload("x"));
    EXPECT_EQ(deliver(pico, key_topic, {own.replacement.data(), own.replacement.size()}, Occasion::stored).refusal,
              Refusal::reserved_topic);
}

TEST_F(Rekey, IsDeliveredToItsDeviceOnly) {
    ASSERT_TRUE(subscribe());
    rotate_over_the_air("pico", overlap);
    take_over();
    for (const OwnMessage& rekey : worker_->rekeys()) {
        EXPECT_EQ(rekey.client_id, "pico");
        const Payload sealed = rekey.payload.get();
        EXPECT_EQ(deliver(session("nurse"), key_topic, sealed, Occasion::stored).refusal, Refusal::reserved_topic);
        EXPECT_EQ(deliver(session("nurse"), "$reseal/nurse/key", sealed, Occasion::stored).refusal,
                  Refusal::foreign_key);
    }
}

}  // namespace
}  // namespace reseal::engine::test
