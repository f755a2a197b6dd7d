#include <sys/stat.h>

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
using testing::read_text;
using testing::run;
using testing::Words;

TEST_F(BrokerTest, SimStreamsEveryReadingSealed) {
    const std::string dump = folder_.path("dump");
    ASSERT_EQ(mkdir(dump.c_str(), 0700), 0);
    Program listener(eavesdrop("ward/#", dump));
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/first", "-n", "-r"})).status, 0);
    ASSERT_TRUE(listener.said("refused: ward/first"));
    const Outcome outcome = run(tool("reseal-sim", {"--rate", "500", "--count", "40"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "40 acknowledged, 0 refused, 0 dropped, 0 left")) << outcome.err;
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/last", "-n"})).status, 0);
    ASSERT_TRUE(listener.said("refused: ward/last"));
    OtherEnd broker;
    for (int i = 0; i < 40; ++i) {
        const char *kinds[] = {"ecg", "pulse", "temperature", "acceleration"};  // NOLINT(*-avoid-c-arrays)
        const std::string kind = kinds[i % 4];
        const std::string name = std::to_string(i + 2);
        const std::string message = read_text(dump + "/" + std::string(4 - name.size(), '0') + name + ".bin");
        const std::string json = broker.open("ward/iot_dev_01/vitals/" + kind, message);
        ASSERT_NE(json.front(), '!') << json;
        EXPECT_EQ(nlohmann::json::parse(json).at("seq"), i);
    }
}

TEST_F(BrokerTest, SimKeepsItsReadingsWhileTheBrokerIsAway) {
    Program device(tool("reseal-sim", {"--rate", "100", "--count", "300"}));
    Program listener({"mosquitto_sub", "-h", "127.0.0.1", "-p", broker_.port(), "-t", "ward/#", "-v"});
    ASSERT_TRUE(listener.said("vitals/pulse"));
    broker_.stop();
    ASSERT_TRUE(device.said("connection lost"));
    broker_.restart();
    const Outcome outcome = device.finish();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "300 acknowledged, 0 refused, 0 dropped, 0 left")) << outcome.err;
}

TEST_F(BrokerTest, SimSaysWhatItHadToDrop) {
    Program device(tool("reseal-sim", {"--rate", "1000", "--count", "2000", "--queue", "5"}));
    Program listener({"mosquitto_sub", "-h", "127.0.0.1", "-p", broker_.port(), "-t", "ward/#", "-v"});
    ASSERT_TRUE(listener.said("vitals/pulse"));
    broker_.stop();
    ASSERT_TRUE(device.said("the oldest are dropped"));
    broker_.restart();
    const Outcome outcome = device.finish();
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "connected again;")) << outcome.err;
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

}  // namespace
}  // namespace reseal::tools
