// SPDX-License-Identifier: Apache-2.0
// reseal-sim's many devices against the real broker: nothing is lost, nothing comes twice.
#include <nlohmann/json.hpp>

#include <csignal>
#include <map>
#include <memory>
#include <set>

#include "harness/ward.h"
#include "load/login.h"
#include "mqtt/client.h"

namespace load {
namespace {

using harness::Application;
using harness::Broker;
using harness::Device;
using harness::Milliseconds;
using harness::Process;
using harness::Site;
using nlohmann::json;
using Words = std::vector<std::string>;

// A clinician who keeps the session and counts what arrived from each device.
class Screen {
  public:
    Screen(const Site& site, std::uint16_t port) : port_(port), device_(site, "screen"), application_(site, "screen") {
        EXPECT_FALSE(connect());
        EXPECT_EQ(client_->subscribe({.filter = "ward/#", .qos = 1}), 1);
    }

    // Whether the broker had kept the session.
    bool connect() {
        client_ = std::make_unique<mqtt::Client>(port_, mqtt::v5);
        client_->on_message([this](const mqtt::Publish& message) { take(message); });
        return client_->connect(login(device_, "screen", "screen", mqtt::v5, 3600)).session_present;
    }

    // Takes what comes until there are this many readings. False if none comes for half a minute: forty handshakes with
    // sanitizers are slow.
    bool has(std::size_t readings) {
        while (distinct_ < readings) {
            if (!client_->poll(Milliseconds(30000))) {
                return false;
            }
        }
        return true;
    }

    [[nodiscard]] std::size_t repeated() const { return repeated_; }
    [[nodiscard]] const std::string& refused() const { return refused_; }
    [[nodiscard]] std::size_t devices() const { return seen_.size(); }

  private:
    void take(const mqtt::Publish& message) {
        const std::string text = application_.open(message.topic, harness::bytes(message.payload));
        // Sent again after the restart, as it was sealed.
        if (text == "!" + std::to_string(RESEAL_REPLAY) || text == "!" + std::to_string(RESEAL_STALE_EPOCH)) {
            ++repeated_;
            return;
        }
        if (text.starts_with("!")) {
            refused_ += message.topic + " " + text + "\n";
            return;
        }
        const auto reading = json::parse(text);
        EXPECT_TRUE(message.topic.starts_with("ward/" + reading.at("device").get<std::string>() + "/vitals/"));
        if (seen_[reading.at("device")].insert(reading.at("seq").get<int>()).second) {
            ++distinct_;
        } else {
            ++repeated_;
        }
    }

    std::uint16_t port_;
    Device device_;
    Application application_;
    std::unique_ptr<mqtt::Client> client_;
    std::map<std::string, std::set<int>> seen_;
    std::size_t distinct_ = 0;
    std::size_t repeated_ = 0;
    std::string refused_;
};

// 2.0.11 lets new messages overtake those in a client's queue, as order_test.cpp says. A message sealed before a
// restart then arrives after newer ones, and is stale.
std::string settings(std::uint16_t port) {
    const std::string listener = "listener " + std::to_string(port) + " 127.0.0.1\n";
    return Broker::version() == "2.0.11" ? listener + "max_inflight_messages 0\n" : listener;
}

class Fleet : public testing::Test {
  protected:
    Fleet() {
        site_.set("loopback_listeners", "[" + std::to_string(port_) + "]");
        site_.add("screen", "clinician");
    }

    void provision(int devices) {
        for (int i = 0; i < devices; ++i) {
            const std::string id = "iot_" + std::to_string(i);
            site_.add(id, "wearable");
            site_.provision(
                {"export", id, "--format", "json", "--output", site_.path("principals/" + id + "/" + id + ".json")});
        }
    }

    // reseal-sim with all devices, without TLS.
    [[nodiscard]] Words plain(const Words& more) const { return command(port_, more); }
    [[nodiscard]] Words tls(std::uint16_t port, Words more) const {
        more.insert(more.end(), {"--cafile", site_.ca()});
        return command(port, more);
    }

    [[nodiscard]] std::string output() const { return harness::read_all(site_.path("sim.out")); }
    [[nodiscard]] json report() const { return json::parse(harness::read_all(site_.path("report.json"))); }
    [[nodiscard]] std::string log_of_sim() const { return site_.path("sim.out"); }

    void expect_all_acknowledged(int readings) const {
        const json readings_of = report().at("readings");
        EXPECT_EQ(readings_of.at("sent"), readings);
        EXPECT_EQ(readings_of.at("acknowledged"), readings) << output();
        EXPECT_EQ(readings_of.at("refused"), 0) << output();
        EXPECT_EQ(readings_of.at("dropped"), 0) << output();
        EXPECT_EQ(readings_of.at("left"), 0) << output();
    }

    Site site_;
    const std::uint16_t port_ = harness::free_port();

  private:
    [[nodiscard]] Words command(std::uint16_t port, const Words& more) const {
        Words words = {RESEAL_SIM,
                       "-h",
                       "127.0.0.1",
                       "-p",
                       std::to_string(port),
                       "--credentials-dir",
                       site_.path("principals"),
                       "--only",
                       "iot_*",
                       "--report",
                       site_.path("report.json")};
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
};

TEST_F(Fleet, OfTwoHundredIsAcknowledgedAndReceivedOnce) {
    provision(200);
    Broker broker(site_, settings(port_));
    Screen screen(site_, port_);
    Process sim(plain({"--rate", "4", "--count", "12"}), log_of_sim());
    EXPECT_TRUE(screen.has(2400)) << output();
    EXPECT_EQ(sim.wait(Milliseconds(60000)), 0) << output();
    expect_all_acknowledged(2400);
    EXPECT_EQ(report().at("connects"), 200);
    EXPECT_EQ(screen.devices(), 200U);
    EXPECT_EQ(screen.repeated(), 0U);
    EXPECT_EQ(screen.refused(), "");
}

TEST_F(Fleet, LogsInWithTheCertificateInAdditionToEachKey) {
    provision(40);
    Broker broker(site_, settings(port_));
    Screen screen(site_, port_);
    Process sim(tls(broker.port(), {"--rate", "4", "--count", "12"}), log_of_sim());
    EXPECT_TRUE(screen.has(480)) << output();
    EXPECT_EQ(sim.wait(Milliseconds(60000)), 0) << output();
    expect_all_acknowledged(480);
    EXPECT_EQ(screen.repeated(), 0U);
    EXPECT_EQ(screen.refused(), "");
}

// Across the restart, MQTT promises a reading at least once at QoS 1.
TEST_F(Fleet, LosesNothingWhenTheBrokerRestarts) {
    provision(60);
    Broker broker(site_, settings(port_));
    Screen screen(site_, port_);
    Process sim(plain({"--rate", "10", "--count", "60"}), log_of_sim());
    ASSERT_TRUE(screen.has(600)) << output();
    broker.stop();
    broker.start();
    ASSERT_TRUE(screen.connect());
    EXPECT_TRUE(screen.has(3600)) << output();
    EXPECT_EQ(sim.wait(Milliseconds(60000)), 0) << output();
    expect_all_acknowledged(3600);
    EXPECT_EQ(report().at("connects"), 120) << "each device must have lost its connection once";
    EXPECT_EQ(screen.refused(), "");
}

TEST_F(Fleet, ContinuesWithoutARevokedDevice) {
    provision(3);
    Broker broker(site_, settings(port_));
    Screen screen(site_, port_);
    Process sim(plain({"--rate", "20"}), log_of_sim());
    ASSERT_TRUE(screen.has(60)) << output();
    site_.revoke("iot_1");
    ASSERT_TRUE(broker.logs("principal_revoked"));
    ASSERT_TRUE(screen.has(300)) << output();
    sim.signal(SIGTERM);
    EXPECT_EQ(sim.wait(Milliseconds(10000)), 1) << output();
    EXPECT_EQ(report().at("devices_given_up"), 1);
    EXPECT_NE(output().find("iot_1: given up: "), std::string::npos) << output();
}

}  // namespace
}  // namespace load
