// SPDX-License-Identifier: Apache-2.0
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <nlohmann/json.hpp>

#include "tools/test_tools.h"

namespace reseal::tools {
namespace {

using testing::BrokerTest;
using testing::contains;
using testing::OtherEnd;
using testing::Outcome;
using testing::Program;
using testing::run;
using testing::ToolsTest;
using testing::Words;

// Acknowledges one connection and its subscription and ends it at the same moment. A broker that is stopped does that
// only now and then.
class EndingBroker {
  public:
    EndingBroker() {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        auto* const any = reinterpret_cast<sockaddr*>(&address);  // NOLINT(*-reinterpret-cast)
        socklen_t size = sizeof address;
        if (bind(listener_, any, size) != 0 || listen(listener_, 1) != 0 || getsockname(listener_, any, &size) != 0) {
            throw std::runtime_error("no port to listen on");
        }
        port_ = std::to_string(ntohs(address.sin_port));
    }
    ~EndingBroker() { close(listener_); }
    EndingBroker(const EndingBroker&) = delete;
    EndingBroker& operator=(const EndingBroker&) = delete;

    [[nodiscard]] std::string port() const { return port_; }

    void serve_once() const {
        const int client = accept(listener_, nullptr, nullptr);
        answer(client, {"\x20\x03\x00\x00\x00", 5});      // CONNACK to CONNECT
        answer(client, {"\x90\x04\x00\x01\x00\x01", 6});  // SUBACK to SUBSCRIBE
        close(client);
    }

  private:
    static void answer(int client, std::string_view packet) {
        std::array<char, 1024> request{};
        if (recv(client, request.data(), request.size(), 0) <= 0 ||
            send(client, packet.data(), packet.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(packet.size())) {
            throw std::runtime_error("the client has gone");
        }
    }

    int listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    std::string port_;
};

TEST_F(BrokerTest, SimStreamsEveryReadingSealed) {
    Program listener(eavesdrop("ward/#"));
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/first", "-n", "-r", "-q", "0"})).status, 0);
    ASSERT_TRUE(listener.said("refused: ward/first"));
    const Outcome outcome = run(tool("reseal-sim", {"--rate", "500", "--count", "40"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "40 acknowledged, 0 refused, 0 dropped, 0 left")) << outcome.err;
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/last", "-n", "-q", "0"})).status, 0);
    ASSERT_TRUE(listener.said("refused: ward/last"));
    OtherEnd broker;
    const Words kinds = {"ecg", "pulse", "temperature", "acceleration"};
    for (int i = 0; i < 40; ++i) {
        const std::string kind = kinds.at(static_cast<std::size_t>(i) % kinds.size());
        const std::string json = broker.open("ward/iot_dev_01/vitals/" + kind, dumped(i + 2));
        ASSERT_NE(json.front(), '!') << json;
        EXPECT_EQ(nlohmann::json::parse(json).at("seq"), i);
    }
}

TEST_F(BrokerTest, SimKeepsItsReadingsWhileTheBrokerIsAway) {
    Program device(tool("reseal-sim", {"--rate", "50", "--count", "250", "-d"}));
    ASSERT_TRUE(device.said("received SUBACK"));
    broker_.stop();
    ASSERT_TRUE(device.said("connection lost"));
    broker_.restart();
    const Outcome outcome = device.finish();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "250 acknowledged, 0 refused, 0 dropped, 0 left")) << outcome.err;
}

TEST_F(ToolsTest, SimReconnectsIfTheBrokerEndsAfterItsFirstAnswer) {
    const EndingBroker broker;
    Program device(offline("reseal-sim", {"-h", "127.0.0.1", "-p", broker.port()}));
    broker.serve_once();
    ASSERT_TRUE(device.said("connection lost"));
    broker.serve_once();
    EXPECT_TRUE(device.said("connected again"));
    device.signal(SIGTERM);
    EXPECT_EQ(device.finish().status, 1);  // a reading is left
}

TEST_F(BrokerTest, SimReportsWhatItDropped) {
    Program device(tool("reseal-sim", {"--rate", "1000", "--queue", "5", "-d"}));
    ASSERT_TRUE(device.said("received SUBACK"));
    broker_.stop();
    ASSERT_TRUE(device.said("the queue of 5 readings is full: the oldest are dropped"));
    broker_.restart();
    ASSERT_TRUE(device.said("connected again"));
    device.signal(SIGTERM);
    const Outcome outcome = device.finish();
    EXPECT_EQ(outcome.status, 1);
    EXPECT_FALSE(contains(outcome.err, " 0 dropped")) << outcome.err;
}

TEST_F(BrokerTest, SimOpensCommandsAndPrintsTheirPayloadOnRequestOnly) {
    for (const bool verbose : {false, true}) {
        Program device(tool("reseal-sim", verbose ? Words{"-d", "-v"} : Words{"-d"}));
        ASSERT_TRUE(device.said("received SUBACK"));
        OtherEnd broker;
        const std::string topic = "commands/iot_dev_01/pump";
        const std::string sealed = broker.seal(topic, "stop it");
        ASSERT_EQ(publish_raw(topic, sealed).status, 0);
        ASSERT_EQ(publish_raw(topic, sealed).status, 0);
        ASSERT_TRUE(device.said("command refused: " + topic + ": the message was accepted before"));
        device.signal(SIGTERM);
        EXPECT_EQ(device.finish().out, "command " + topic + (verbose ? " stop it\n" : "\n"));
    }
}

TEST_F(BrokerTest, SimSendsSevenStringsPerReadingInTheLegacyLayout) {
    Program listener(eavesdrop("ward/#"));
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/first", "-n", "-r", "-q", "0"})).status, 0);
    ASSERT_TRUE(listener.said("refused: ward/first"));
    const Outcome outcome = run(tool("reseal-sim", {"--legacy-topics", "--rate", "100", "--count", "5"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/last", "-n", "-q", "0"})).status, 0);
    ASSERT_TRUE(listener.said("refused: ward/last"));
    OtherEnd broker;
    for (int i = 0; i < 5; ++i) {
        const auto json = nlohmann::json::parse(broker.open("ward/iot_dev_01/vitals/sensors", dumped(i + 2)));
        EXPECT_EQ(json.size(), 7U);
        for (const char* name : {"Temp", "TempMcu", "PulseSig", "Acel_x", "Acel_y", "Acel_z", "TempMpu"}) {
            EXPECT_TRUE(json.at(name).is_string()) << name;
        }
    }
}

TEST_F(BrokerTest, SimReportsAsJsonAndShowsItsProgressOnRequest) {
    const std::string report = folder_.path("report.json");
    const Outcome outcome =
        run(tool("reseal-sim", {"--rate", "40", "--count", "60", "--progress", "--report", report}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "00:01  1/1 connected")) << outcome.err;
    const auto json = nlohmann::json::parse(testing::read_text(report));
    EXPECT_EQ(json.at("readings").at("sent"), 60);
    EXPECT_EQ(json.at("readings").at("acknowledged"), 60);
    const auto& times = json.at("round_trip_ms");
    EXPECT_GT(times.at("min"), 0);
    EXPECT_LE(times.at("min"), times.at("median"));
    EXPECT_LE(times.at("median"), times.at("p95"));
    EXPECT_LE(times.at("p95"), times.at("p99"));
    EXPECT_LE(times.at("p99"), times.at("max"));
}

TEST_F(BrokerTest, SimSendsAtEveryQualityOfServiceInBothVersions) {
    for (const char* qos : {"0", "1", "2"}) {
        for (const char* version : {"5", "311"}) {
            const Outcome outcome =
                run(tool("reseal-sim", {"--rate", "1000", "--count", "200", "-q", qos, "-V", version}));
            EXPECT_EQ(outcome.status, 0) << outcome.err;
            EXPECT_TRUE(contains(outcome.err, "200 acknowledged, 0 refused, 0 dropped, 0 left")) << outcome.err;
        }
    }
}

TEST_F(BrokerTest, SimReportsWhatTheBrokerRefused) {
    const Outcome outcome = run(tool("reseal-sim", {"--rate", "100", "--count", "4", "--topic-prefix", "secret/{id}"}));
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "reading refused: ")) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "0 acknowledged, 4 refused, 0 dropped, 0 left")) << outcome.err;
}

}  // namespace
}  // namespace reseal::tools
