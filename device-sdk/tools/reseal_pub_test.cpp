// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <csignal>

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
using testing::ToolsTest;

TEST_F(ToolsTest, PubWritesASealedMessageThatOpensUnderItsTopicOnly) {
    const std::string file = folder_.path("sealed");
    ASSERT_EQ(run(offline("reseal-pub", {"-t", "ward/1/pulse", "-s", "-o", file}), "72 bpm").status, 0);
    struct stat about {};
    ASSERT_EQ(stat(file.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777U, 0600U);
    const std::string sealed = read_text(file);
    EXPECT_FALSE(contains(sealed, "72 bpm"));
    OtherEnd broker;
    EXPECT_EQ(broker.open("ward/2/pulse", sealed).front(), '!');
    EXPECT_EQ(broker.open("ward/1/pulse", sealed), "72 bpm");
}

// This broker has no key. The tests with the plugin cover an acknowledgement that counts without TLS.
TEST_F(BrokerTest, PubAtQos0WithoutTlsSucceedsOnceSent) {
    for (const char* version : {"5", "311"}) {
        const Outcome outcome = run(tool("reseal-pub", {"-t", "a", "-m", "x", "-q", "0", "-V", version}));
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        EXPECT_EQ(outcome.err, "");
    }
}

TEST_F(BrokerTest, PubFailsAndSaysWhyTheBrokerRefused) {
    for (const char* qos : {"1", "2"}) {
        const Outcome outcome = run(tool("reseal-pub", {"-t", "secret/a", "-m", "x", "-q", qos}));
        EXPECT_EQ(outcome.status, 1);
        EXPECT_EQ(outcome.err, "reseal-pub: refused: secret/a: Not authorized\n");
    }
}

TEST_F(BrokerTest, PubSealsEachLineAsAMessage) {
    Program listener(eavesdrop("ward/#"));
    ASSERT_TRUE(run(tool("reseal-sub", {"-t", "$SYS/broker/version", "-C", "1"})).status == 0);
    std::string lines;
    for (int i = 0; i < 100; ++i) {
        lines += "line " + std::to_string(i) + "\n";
    }
    // The listener may not have subscribed yet: a retained message reaches it in any case.
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/first", "-m", "x", "-r", "-q", "0"})).status, 0);
    ASSERT_TRUE(listener.said("refused: ward/first"));
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/lines", "-l", "-q", "0"}), lines).status, 0);
    ASSERT_EQ(run(tool("reseal-pub", {"-t", "ward/last", "-m", "x", "-q", "0"})).status, 0);
    ASSERT_TRUE(listener.said("refused: ward/last"));
    listener.signal(SIGTERM);
    EXPECT_EQ(listener.finish().status, 0);
    OtherEnd broker;
    std::string opened;
    for (int i = 2; i <= 101; ++i) {
        opened += broker.open("ward/lines", dumped(i)).append("\n");
    }
    EXPECT_EQ(opened, lines);
}

TEST_F(BrokerTest, PubSealsItsWillBeforeItConnects) {
    Program publisher(tool("reseal-pub", {"-t", "a", "-l", "--will-topic", "ward/will", "--will-payload", "gone",
                                          "--will-qos", "1", "--will-retain", "-d"}));
    ASSERT_TRUE(publisher.said("received CONNACK (0)"));
    publisher.signal(SIGKILL);
    EXPECT_EQ(publisher.finish().status, 128 + SIGKILL);
    Program listener(eavesdrop("ward/will"));
    ASSERT_TRUE(listener.said("refused: ward/will"));
    OtherEnd broker;
    EXPECT_EQ(broker.open("ward/will", dumped(1)), "gone");
}

TEST_F(BrokerTest, PubFailsWhenStoppedBySignal) {
    Program publisher(tool("reseal-pub", {"-t", "a", "-l", "-d"}));
    ASSERT_TRUE(publisher.said("received SUBACK"));
    publisher.signal(SIGTERM);
    const Outcome outcome = publisher.finish();
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "reseal-pub: stopped; 0 messages were not acknowledged")) << outcome.err;
}

}  // namespace
}  // namespace reseal::tools
