// SPDX-License-Identifier: Apache-2.0
// A client that exceeds its budget costs the others nothing, and loses nothing that it was promised.
#include <algorithm>
#include <filesystem>
#include <sstream>

#include <nlohmann/json.hpp>

#include "harness/ward.h"
#include "mqtt/client.h"

namespace harness {
namespace {

constexpr int at_once = 10;  // messages; the budget is one a second

class Budgets : public Ward {
  protected:
    void start(const std::string& budgets, const std::string& more = {}) {
        site.set("budgets", budgets);
        broker_ = std::make_unique<Broker>(site, more);
    }
    [[nodiscard]] std::unique_ptr<mqtt::Client> connected(const std::string& id, int version = mqtt::v5,
                                                          bool clean = true) const {
        auto out = std::make_unique<mqtt::Client>(
            broker_->port(), version,
            mqtt::Tls{.ca = site.ca(), .certificate = site.certificate(id), .key = site.key(id)});
        EXPECT_EQ(out->connect({.version = version, .client_id = id, .clean = clean}).reason, 0);
        return out;
    }
    [[nodiscard]] bool logged(const std::string& part) const {
        return eventually([&] { return broker_->log().find(part) != std::string::npos; });
    }
    [[nodiscard]] std::vector<nlohmann::json> audited() const {
        std::vector<std::filesystem::path> files(std::filesystem::directory_iterator(site.path("audit")), {});
        std::ranges::sort(files);
        std::vector<nlohmann::json> out;
        for (const auto& file : files) {
            std::istringstream lines(read_all(file));
            for (std::string line; std::getline(lines, line) && !lines.eof();) {
                out.push_back(nlohmann::json::parse(line));
            }
        }
        return out;
    }

    std::unique_ptr<Broker> broker_;
};

// The QoS and MQTT version of a publisher.
struct Way {
    int qos;
    int version;
};

class OverBudget : public Budgets, public testing::WithParamInterface<Way> {};

INSTANTIATE_TEST_SUITE_P(Ways, OverBudget,
                         testing::Values(Way{1, mqtt::v5}, Way{1, mqtt::v311}, Way{2, mqtt::v5}, Way{2, mqtt::v311}),
                         [](const auto& way) {
                             return std::string(way.param.version == mqtt::v5 ? "V5" : "V311") + "Qos" +
                                    std::to_string(way.param.qos);
                         });

// A message over budget is not acknowledged, so the client sends it again, and it is delivered once.
TEST_P(OverBudget, AMessageIsNotAcknowledgedAndDeliveredWhenItComesAgain) {
    start("{principal: {messages: 1}}");
    Client clinician(site, *broker_, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    Device device(site, "pico1");
    const auto [qos, version] = GetParam();
    auto pico = connected("pico1", version, false);
    Bytes message;
    int acknowledged = 0;
    for (; acknowledged < 2 * at_once; ++acknowledged) {
        message = device.seal(pulse_topic, "reading " + std::to_string(acknowledged));
        if (pico->publish({.topic = pulse_topic, .payload = text(message), .qos = qos}) < 0) {
            break;
        }
    }
    EXPECT_GE(acknowledged, at_once);
    ASSERT_LT(acknowledged, 2 * at_once) << "nothing was refused";
    EXPECT_FALSE(pico->connected());
    EXPECT_TRUE(logged("refused publish: reason=over_budget_messages principal=\"pico1\""));
    EXPECT_TRUE(logged("alert over_budget: over_budget_messages"));

    std::this_thread::sleep_for(Milliseconds(1500));  // the budget gives one message back
    pico = connected("pico1", version, false);
    EXPECT_EQ(pico->publish({.topic = pulse_topic, .payload = text(message), .qos = qos, .dup = true}), 0)
        << broker_->log();
    Application application(site, "clinician");
    for (int number = 0; number <= acknowledged; ++number) {
        const auto received = clinician.receive();
        ASSERT_TRUE(received) << number << " of " << acknowledged;
        EXPECT_EQ(application.open(pulse_topic, received->payload), "reading " + std::to_string(number));
    }
    EXPECT_TRUE(silent(clinician));
}

TEST_F(Budgets, DropExcessQos0MessagesAndKeepTheClient) {
    start("{principal: {messages: 1}}");
    Client clinician(site, *broker_, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    Device device(site, "pico1");
    const auto pico = connected("pico1");
    for (int number = 0; number < 3 * at_once; ++number) {
        ASSERT_EQ(pico->publish({.topic = pulse_topic, .payload = text(device.seal(pulse_topic, reading))}), 0);
    }
    ASSERT_TRUE(pico->ping());
    int received = 0;
    while (clinician.receive(Milliseconds(700))) {
        ++received;
    }
    EXPECT_GE(received, at_once);
    EXPECT_LT(received, 2 * at_once);
}

TEST_F(Budgets, OfOnePrincipalDoNotAffectAnother) {
    start("{principal: {messages: 1, connects: 10}}");
    Device device(site, "pico1");
    auto pico = connected("pico1");
    while (pico->publish({.topic = pulse_topic, .payload = text(device.seal(pulse_topic, reading)), .qos = 1}) >= 0) {
    }
    Client refused(site, *broker_, "pico1");
    for (int i = 0; i < 12; ++i) {
        (void)refused.connect();
        refused.disconnect();
    }
    EXPECT_EQ(refused.connect(), not_authorised);
    EXPECT_TRUE(logged("refused connect: reason=over_budget_connects principal=\"pico1\""));
    Client other(site, *broker_, "pico2");
    ASSERT_EQ(other.connect(), 0);
    Device second(site, "pico2");
    const std::string topic = "ward/pico2/vitals/pulse";
    EXPECT_EQ(other.publish(topic, second.seal(topic, reading)), 0);
}

TEST_F(Budgets, DeliverButDoNotRetainBeyondTheDailyTopics) {
    start("{principal: {retained_topics: 2}}");
    Client live(site, *broker_, "clinician");
    ASSERT_EQ(live.connect(), 0);
    ASSERT_EQ(live.subscribe("ward/#"), 1);
    Device device(site, "pico1");
    Client pico(site, *broker_, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    for (const std::string topic :
         {"ward/pico1/vitals/1", "ward/pico1/vitals/2", "ward/pico1/vitals/3", "ward/pico1/vitals/1"}) {
        EXPECT_EQ(pico.publish(topic, device.seal(topic, reading), 1, true), 0);
        EXPECT_TRUE(live.receive()) << topic;
    }
    EXPECT_TRUE(logged("refused retain: reason=over_budget_retained principal=\"pico1\""));
    Client later(site, *broker_, "dashboard");
    ASSERT_EQ(later.connect(), 0);
    ASSERT_LE(later.subscribe("ward/+/vitals/#"), 1);
    std::vector<std::string> retained;
    while (const auto message = later.receive(Milliseconds(700))) {
        retained.push_back(message->topic);
    }
    std::ranges::sort(retained);
    EXPECT_EQ(retained, (std::vector<std::string>{"ward/pico1/vitals/1", "ward/pico1/vitals/2"}));
}

TEST_F(Budgets, RefuseAClientTooManyFilters) {
    start("{principal: {subscriptions: 3}}");
    Client clinician(site, *broker_, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    EXPECT_EQ(clinician.subscribe("ward/1"), 1);
    EXPECT_EQ(clinician.subscribe("$share/a/ward/2"), 1);
    EXPECT_EQ(clinician.subscribe("$share/b/ward/2"), 1);
    EXPECT_EQ(clinician.subscribe("ward/4"), not_authorised);
    EXPECT_TRUE(logged("refused subscribe: reason=over_budget_subscriptions principal=\"clinician\""));
    clinician.unsubscribe("ward/1");
    EXPECT_TRUE(eventually([&] { return clinician.subscribe("ward/4") == 1; }));
}

// A client that kept reconnecting once filled a site's whole history in less than an hour.
TEST_F(Budgets, KeepTheLinesOfAPrincipalInTheAuditTrailFewAndComplete) {
    start("{principal: {audit_lines: 1}}");
    constexpr int connects = 100;
    Client pico(site, *broker_, "pico1");
    for (int i = 0; i < connects; ++i) {
        ASSERT_EQ(pico.connect(), 0);
        pico.disconnect();
    }
    Client other(site, *broker_, "pico2");
    ASSERT_EQ(other.connect(), 0);
    other.disconnect();
    broker_->stop();
    std::int64_t lines = 0;
    std::int64_t omitted = 0;
    bool other_seen = false;
    for (const auto& line : audited()) {
        if (line.value("principal", "") == "pico1" && line.at("event") == "connected") {
            ++lines;
        } else if (line.value("principal", "") == "pico1" && line.at("event") == "omitted") {
            omitted += line.value("count", std::int64_t{1});
        }
        other_seen = other_seen || line.value("principal", "") == "pico2";
    }
    EXPECT_GE(lines, 60);
    EXPECT_LE(lines, 62);
    EXPECT_EQ(lines + omitted, connects);
    EXPECT_TRUE(other_seen);
}

// After several wrong proofs from an address, the broker checks no more from it. A client with a certificate still gets
// in from there.
TEST_F(Budgets, RefuseAnAddressThatTriesTooManyProofs) {
    const std::uint16_t port = free_port();
    site.set("sealed_listeners", "[" + std::to_string(port) + "]");
    start("{address: {connects: 5}}", "listener " + std::to_string(port) + " 127.0.0.1\n");
    const ClientOptions forged{.tls = false, .port = port, .username = "pico1", .password = "AAAA"};
    for (int i = 0; i < 10; ++i) {
        Client forger(site, *broker_, "pico1", forged);
        EXPECT_NE(forger.connect(), 0);
    }
    EXPECT_TRUE(logged("refused connect: reason=over_budget_address"));
    Client clinician(site, *broker_, "clinician");
    EXPECT_EQ(clinician.connect(), 0);
}

// Limiting the queue of an absent client is the broker's job: docs/budgets.md says how.
TEST_F(Budgets, LeaveAnAbsentClientsQueueToMaxQueuedBytes) {
    constexpr std::size_t size = 10000;
    constexpr int waiting = 50;
    constexpr int held = 10;
    start("{}", "max_queued_bytes " + std::to_string(held * size) + "\n");
    const ClientOptions stays{.version = MQTT_PROTOCOL_V311, .clean = false};
    Client clinician(site, *broker_, "clinician", stays);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    clinician.disconnect();
    Device device(site, "pico1");
    Client pico(site, *broker_, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    for (int i = 0; i < waiting; ++i) {
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, std::string(size, 'x'))), 0);
    }
    Client back(site, *broker_, "clinician", stays);
    ASSERT_EQ(back.connect(), 0);
    int received = 0;
    while (back.receive(Milliseconds(700))) {
        ++received;
    }
    EXPECT_GE(received, held - 1);
    EXPECT_LE(received, held + 1);
}

}  // namespace
}  // namespace harness
