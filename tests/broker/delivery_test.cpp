// SPDX-License-Identifier: Apache-2.0
// What a subscriber is promised: every message it may read, once, under its own key.
#include <thread>

#include "harness/ward.h"
#include "mqtt/client.h"

namespace harness {
namespace {

class Delivery : public Ward {
  protected:
    Broker broker{site};
    Device device{site, "pico1"};
    Client pico{site, broker, "pico1"};
    Client clinician{site, broker, "clinician"};
    Application clinic{site, "clinician"};

    void SetUp() override {
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(clinician.connect(), 0);
    }

    void publish(const std::string& text, int qos = 1, bool retain = false) {
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, text), qos, retain), 0);
    }

    static std::string next(Client& client, Application& application) {
        const auto message = client.receive();
        return message ? application.open(message->topic, message->payload) : "(nothing)";
    }
};

TEST_F(Delivery, IsSealedForEachSubscriberUnderItsOwnKey) {
    Client dashboard(site, broker, "dashboard");
    Application board(site, "dashboard");
    Application thief(site, "dashboard");
    ASSERT_EQ(dashboard.connect(), 0);
    ASSERT_EQ(dashboard.subscribe("ward/+/vitals/#"), 1);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    publish(reading);
    const auto for_clinician = clinician.receive();
    const auto for_dashboard = dashboard.receive();
    ASSERT_TRUE(for_clinician && for_dashboard);
    EXPECT_NE(for_clinician->payload, for_dashboard->payload);
    EXPECT_EQ(thief.open(pulse_topic, for_clinician->payload), "!" + std::to_string(RESEAL_UNKNOWN_KEY));
    EXPECT_EQ(clinic.open(pulse_topic, for_clinician->payload), reading);
    EXPECT_EQ(board.open(pulse_topic, for_dashboard->payload), reading);
    EXPECT_EQ(for_clinician->content_type, R"(application/cose; cose-type="cose-encrypt0")");
}

// Mosquitto 2.1 still sends to a client that it disconnects for a malformed packet.
TEST_F(Delivery, OfAClientsOwnWillIsNeverTheStoredCiphertext) {
    site.write_acl("version: 1\nroles:\n  porter: {publish: [\"own/#\"], subscribe: [\"own/#\"]}\n");
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    Device porter(site, "porter");
    Application opener(site, "porter");
    for (const int version : {mqtt::v311, mqtt::v5}) {
        mqtt::Client client(
            broker.port(), version,
            mqtt::Tls{.ca = site.ca(), .certificate = site.certificate("porter"), .key = site.key("porter")});
        const mqtt::Will will{.topic = "own/a", .payload = text(porter.seal("own/a", "gone"))};
        ASSERT_EQ(client.connect({.version = version, .client_id = "porter", .will = will}).reason, 0);
        ASSERT_EQ(client.subscribe({.filter = "own/#"}), 0) << broker.log();
        client.send_part(mqtt::Writer().byte(0).packet(mqtt::Type::subscribe, 2));
        EXPECT_FALSE(client.ping());
        for (const mqtt::Publish& received : client.take()) {
            EXPECT_EQ(opener.open(received.topic, bytes(received.payload)), "gone");
        }
    }
}

// The broker may put a new client where another one has just gone.
TEST_F(Delivery, IsEachSubscribersOwnWhileOthersComeAndGo) {
    Application board(site, "dashboard");
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    for (int round = 0; round < 6; ++round) {
        Client first(site, broker, round % 2 == 0 ? "dashboard" : "auditor");
        Client dashboard(site, broker, "dashboard", {.client_id = "dashboard/2"});
        for (Client* each : {&first, &dashboard}) {
            ASSERT_EQ(each->connect(), 0);
            each->subscribe("ward/+/vitals/#");
        }
        for (const char* text : {"one", "two", "three"}) {
            publish(text);
            EXPECT_EQ(next(clinician, clinic), text);
            EXPECT_EQ(next(dashboard, board), text);
            if (round % 2 == 0) {
                EXPECT_EQ(next(first, board), text);
            }
        }
        EXPECT_TRUE(round % 2 == 0 || silent(first));
        if (round % 3 == 0) {
            first.crash();
        }
    }
}

TEST_F(Delivery, ReachesNobodyWithoutTheRight) {
    Client porter(site, broker, "porter");
    ASSERT_EQ(porter.connect(), 0);
    EXPECT_EQ(porter.subscribe("ward/#"), not_authorised);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    publish(reading);
    EXPECT_EQ(next(clinician, clinic), reading);
    EXPECT_TRUE(silent(porter));
}

TEST_F(Delivery, ServesMqtt311) {
    Client old(site, broker, "clinician", {.client_id = "clinician/311", .version = MQTT_PROTOCOL_V311});
    ASSERT_EQ(old.connect(), 0);
    ASSERT_EQ(old.subscribe("ward/#"), 1);
    publish(reading);
    EXPECT_EQ(next(old, clinic), reading);
}

TEST_F(Delivery, HasTheLowerOfTheTwoQoS) {
    for (int subscribed = 0; subscribed <= 2; ++subscribed) {
        ASSERT_EQ(clinician.subscribe("ward/#", subscribed), subscribed);
        for (int published = 0; published <= 2; ++published) {
            publish(reading, published);
            const auto message = clinician.receive();
            ASSERT_TRUE(message);
            EXPECT_EQ(message->qos, std::min(subscribed, published));
        }
    }
}

TEST_F(Delivery, HasTheGrantedQoSEvenAfterAReload) {
    ASSERT_EQ(clinician.subscribe("ward/#", 0), 0);
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    publish(reading);
    const auto message = clinician.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->qos, 0);
}

TEST_F(Delivery, KeepsTheOrderOfAThousandMessages) {
    ASSERT_EQ(clinician.subscribe("ward/#", 2), 2);
    for (int i = 0; i < 1000; ++i) {
        publish(std::to_string(i), i % 3);
        ASSERT_EQ(next(clinician, clinic), std::to_string(i));
    }
}

TEST_F(Delivery, MatchesTheBrokersCopiesForOverlappingMqtt311Subscriptions) {
    Client old(site, broker, "clinician", {.client_id = "clinician/311", .version = MQTT_PROTOCOL_V311});
    ASSERT_EQ(old.connect(), 0);
    ASSERT_EQ(old.subscribe("ward/#"), 1);
    ASSERT_EQ(old.subscribe("ward/+/vitals/pulse"), 1);
    publish(reading);
    EXPECT_EQ(next(old, clinic), reading);
    EXPECT_EQ(silent(old), !Broker::seals_when_sent()) << "from 2.1 on, a broker sends a copy for each subscription";
}

TEST_F(Delivery, WaitsForAnAbsentSubscriber) {
    const ClientOptions options{.client_id = "clinician/night", .clean = false, .session_seconds = 600};
    {
        Client night(site, broker, "clinician", options);
        ASSERT_EQ(night.connect(), 0);
        ASSERT_EQ(night.subscribe("ward/#"), 1);
    }
    publish("one");
    publish("two");
    Client night(site, broker, "clinician", options);
    Application application(site, "clinician");
    ASSERT_EQ(night.connect(), 0);
    EXPECT_EQ(next(night, application), "one");
    EXPECT_EQ(next(night, application), "two");
    publish("three");
    EXPECT_EQ(next(night, application), "three");
}

TEST_F(Delivery, WaitsThroughARestartOfTheBroker) {
    const ClientOptions options{.client_id = "clinician/night", .version = MQTT_PROTOCOL_V311, .clean = false};
    {
        Client night(site, broker, "clinician", options);
        ASSERT_EQ(night.connect(), 0);
        ASSERT_EQ(night.subscribe("ward/#"), 1);
    }
    publish("before");
    broker.stop();
    broker.start();
    Client again(site, broker, "pico1", {.client_id = "pico1/again"});
    ASSERT_EQ(again.connect(), 0);
    ASSERT_EQ(again.publish(pulse_topic, device.seal(pulse_topic, "after")), 0);
    Client night(site, broker, "clinician", options);
    Application application(site, "clinician");
    ASSERT_EQ(night.connect(), 0);
    EXPECT_EQ(next(night, application), "before") << broker.log();
    EXPECT_EQ(next(night, application), "after");
}

TEST_F(Delivery, OfARetainedMessageHappensWhenASubscriberConnects) {
    publish("old", 1, true);
    publish("new", 1, true);
    publish("not kept", 1);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    EXPECT_EQ(next(clinician, clinic), "new");
    EXPECT_TRUE(silent(clinician));
}

TEST_F(Delivery, OfARetainedMessageSurvivesARestartAndTheWindow) {
    publish(reading, 1, true);
    broker.stop();
    broker.start();
    Client late(site, broker, "clinician", {.client_id = "clinician/late"});
    ASSERT_EQ(late.connect(), 0);
    ASSERT_EQ(late.subscribe("ward/#"), 1);
    EXPECT_EQ(next(late, clinic), reading);
}

TEST_F(Delivery, OfAnEmptyPayloadClearsARetainedMessage) {
    publish(reading, 1, true);
    publish("", 1, true);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    EXPECT_TRUE(silent(clinician));
}

class DeliveryOfAWill : public Delivery, public testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(OfASessionThat, DeliveryOfAWill, testing::Bool(),
                         [](const auto& lasts) { return lasts.param ? "Lasts" : "Ends"; });

TEST_P(DeliveryOfAWill, HappensWhenTheDeviceIsLost) {
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    Client second(site, broker, "pico1",
                  {.client_id = "pico1/second",
                   .clean = !GetParam(),
                   .session_seconds = GetParam() ? 600U : 0U,
                   .will = Will{.topic = pulse_topic, .payload = device.seal(pulse_topic, "gone"), .qos = 1}});
    ASSERT_EQ(second.connect(), 0);
    for (int i = 0; i < 300; ++i) {  // more than a replay window
        ASSERT_EQ(second.publish(pulse_topic, device.seal(pulse_topic, std::to_string(i)), 1), 0);
        ASSERT_EQ(next(clinician, clinic), std::to_string(i));
    }
    second.crash();
    EXPECT_EQ(next(clinician, clinic), "gone");
}

TEST_F(Delivery, ReachesDevicesToo) {
    Device sender(site, "clinician");
    Application receiver(site, "pico1");
    ASSERT_EQ(pico.subscribe("commands/pico1/#"), 1);
    EXPECT_EQ(pico.subscribe("commands/#"), not_authorised);
    ASSERT_EQ(clinician.publish("commands/pico1/rate", sender.seal("commands/pico1/rate", "50")), 0);
    EXPECT_EQ(next(pico, receiver), "50");
}

TEST_F(Delivery, LeavesListedTopicsUnsealed) {
    Client auditor(site, broker, "auditor");
    ASSERT_EQ(auditor.connect(), 0);
    ASSERT_EQ(auditor.subscribe("$SYS/broker/version"), 1);
    const auto message = auditor.receive();
    ASSERT_TRUE(message);
    EXPECT_TRUE(text(message->payload).starts_with("mosquitto version"));
}

TEST_F(Delivery, ServesThirdPartyClients) {
    const std::vector<std::string> tls = {"-h", "127.0.0.1", "-p",       std::to_string(broker.port()),
                                          "-V", "mqttv5",    "--cafile", site.ca()};
    std::vector<std::string> sub = {"mosquitto_sub",
                                    "-i",
                                    "clinician/tool",
                                    "-t",
                                    "ward/#",
                                    "-C",
                                    "1",
                                    "-W",
                                    "10",
                                    "-N",
                                    "--cert",
                                    site.certificate("clinician"),
                                    "--key",
                                    site.key("clinician")};
    std::vector<std::string> pub = {"mosquitto_pub",
                                    "-i",
                                    "pico1/tool",
                                    "-t",
                                    pulse_topic,
                                    "-q",
                                    "1",
                                    "--cert",
                                    site.certificate("pico1"),
                                    "--key",
                                    site.key("pico1"),
                                    "-f",
                                    site.path("sealed.bin")};
    sub.insert(sub.end(), tls.begin(), tls.end());
    pub.insert(pub.end(), tls.begin(), tls.end());
    write_all(site.path("sealed.bin"), text(device.seal(pulse_topic, reading)));
    Process subscriber(sub, site.path("received.bin"));
    ASSERT_TRUE(broker.logs("clinician/tool 0 ward/#"));
    EXPECT_EQ(run(pub).output, "");
    ASSERT_EQ(subscriber.wait(), 0);
    EXPECT_EQ(clinic.open(pulse_topic, bytes(read_all(site.path("received.bin")))), reading);
    EXPECT_EQ(run(pub).output, "") << "a retransmission is acknowledged";
    EXPECT_TRUE(broker.logs("reason=replay principal=\"pico1\" client=\"pico1/tool\""));
}

TEST_F(Delivery, LeavesNoReadingInStoreOrLog) {
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    publish(reading, 1, true);
    EXPECT_EQ(next(clinician, clinic), reading);
    broker.stop();
    const std::string store = read_all(site.path("mosquitto.db"));
    EXPECT_NE(store.find(pulse_topic), std::string::npos) << "the retained message must be there";
    EXPECT_EQ(store.find("in-the-clear"), std::string::npos);
    EXPECT_EQ(broker.log().find("in-the-clear"), std::string::npos);
}

}  // namespace
}  // namespace harness
