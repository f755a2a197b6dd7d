// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "tools/test_tools.h"

namespace reseal::tools {
namespace {

using testing::Broker;
using testing::BrokerTest;
using testing::contains;
using testing::OtherEnd;
using testing::Outcome;
using testing::Program;
using testing::run;
using testing::ToolsTest;
using testing::Words;

TEST_F(BrokerTest, SubPrintsWhatItOpensAndRefusesTheRestWithAReason) {
    Program listener(tool("reseal-sub", {"-v", "-t", "ward/#", "-d"}));
    ASSERT_TRUE(listener.said("received SUBACK"));
    OtherEnd broker;
    const std::string sealed = broker.seal("ward/1", "confidential");
    ASSERT_EQ(publish_raw("ward/2", sealed).status, 0);
    ASSERT_EQ(publish_raw("ward/1", sealed).status, 0);
    ASSERT_EQ(publish_raw("ward/1", sealed).status, 0);
    ASSERT_EQ(publish_raw("ward/3", "in clear").status, 0);
    ASSERT_EQ(publish_raw("ward/4", broker.seal("ward/4", "last")).status, 0);
    ASSERT_TRUE(listener.said("ward/4 last"));
    listener.signal(SIGINT);
    const Outcome outcome = listener.finish();
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, "ward/1 confidential\nward/4 last\n");
    EXPECT_TRUE(contains(outcome.err, "reseal-sub: refused: ward/2: the message was changed, was moved"))
        << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "reseal-sub: refused: ward/1: the message was accepted before")) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "reseal-sub: refused: ward/3: the message does not have")) << outcome.err;
    EXPECT_FALSE(contains(outcome.err, "confidential")) << outcome.err;
    EXPECT_FALSE(contains(outcome.err, "in clear")) << outcome.err;
}

TEST_F(BrokerTest, SubPrintsTheBrokersOwnTopicsInClear) {
    const Outcome outcome = run(tool("reseal-sub", {"-t", "$SYS/broker/version", "-C", "1", "-N"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out.rfind("mosquitto version", 0), 0U) << outcome.out;
}

TEST_F(BrokerTest, SubFailsIfTimeRunsOutBeforeTheCount) {
    EXPECT_EQ(run(tool("reseal-sub", {"-t", "nothing", "-C", "1", "-W", "1"})).status, 1);
    EXPECT_EQ(run(tool("reseal-sub", {"-t", "nothing", "-W", "1"})).status, 0);
}

TEST_F(BrokerTest, SubKeepsItsWindowAcrossARestart) {
    OtherEnd broker;
    const Outcome stored =
        run({"mosquitto_pub", "-h", "127.0.0.1", "-p", broker_.port(), "-r", "-q", "1", "-t", "ward/1", "-s"},
            broker.seal("ward/1", "once"));
    ASSERT_EQ(stored.status, 0) << stored.err;
    const Words once = tool("reseal-sub", {"-t", "ward/1", "-C", "1", "-W", "2", "--window", folder_.path("window")});
    EXPECT_EQ(run(once).out, "once\n");
    const Outcome again = run(once);
    EXPECT_EQ(again.status, 1);
    EXPECT_EQ(again.out, "");
    EXPECT_TRUE(contains(again.err, "refused: ward/1: the message was accepted before")) << again.err;
}

TEST_F(BrokerTest, SubReconnectsWhenTheBrokerReturns) {
    Program listener(tool("reseal-sub", {"-t", "ward/#", "-C", "1", "-d"}));
    ASSERT_TRUE(listener.said("received SUBACK"));
    broker_.stop();
    ASSERT_TRUE(listener.said("connection lost"));
    broker_.restart();
    OtherEnd broker;
    ASSERT_EQ(run({"mosquitto_pub", "-h", "127.0.0.1", "-p", broker_.port(), "-r", "-q", "1", "-t", "ward/1", "-s"},
                  broker.seal("ward/1", "after"))
                  .status,
              0);
    const Outcome outcome = listener.finish();
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(outcome.out, "after\n");
}

TEST_F(ToolsTest, SubEndsIfTheBrokerReturnsAndRefusesIt) {
    const std::string rules = folder_.make("rules");
    ASSERT_NE(folder_.write("rules/login.conf", "allow_anonymous true\n"), "");
    Broker broker(folder_, "include_dir " + rules + "\n");
    Program listener(offline("reseal-sub", {"-h", "127.0.0.1", "-p", broker.port(), "-t", "ward/#", "-d"}));
    ASSERT_TRUE(listener.said("received SUBACK"));
    broker.stop();
    ASSERT_TRUE(listener.said("connection lost"));
    ASSERT_NE(folder_.write("rules/login.conf", "allow_anonymous false\n"), "");
    broker.restart();
    const Outcome outcome = listener.finish();
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "refused the connection: Not authorized\n")) << outcome.err;
}

}  // namespace
}  // namespace reseal::tools
