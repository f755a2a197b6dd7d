// SPDX-License-Identifier: Apache-2.0
#include "tools/options.h"

#include <gtest/gtest.h>

#include "tools/test_support.h"

namespace reseal::tools {
namespace {

using Words = std::vector<std::string>;

Words with_credentials(const Words& more) {
    Words words = {"--credentials", "c.json"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

PubOptions pub(const Words& more) {
    return *parse_pub_options(with_credentials(more));
}
SubOptions sub(const Words& more) {
    return *parse_sub_options(with_credentials(more));
}

// What is wrong with the command line of reseal-pub.
std::string complaint(const Words& more) {
    const auto options = parse_pub_options(with_credentials(more));
    if (options) {
        return "accepted";
    }
    EXPECT_EQ(options.error().ending, Ending::misused);
    return options.error().text();
}

TEST(Options, ShowTheUsageWithoutArguments) {
    EXPECT_EQ(parse_pub_options({}).error().ending, Ending::misused);
    EXPECT_EQ(parse_sub_options({}).error().ending, Ending::misused);
}

TEST(Options, HelpIsNotAnError) {
    EXPECT_EQ(parse_pub_options({"--help"}).error().ending, Ending::help);
    EXPECT_EQ(parse_sub_options({"--help"}).error().ending, Ending::help);
}

TEST(Options, ShowRefusalsByDefault) {
    const PubOptions options = pub({"-t", "a/b", "-m", "x"});
    EXPECT_EQ(options.common.connection.version, MqttVersion::v5);
    EXPECT_EQ(options.common.qos, 1);
    EXPECT_EQ(options.common.connection.host, "localhost");
    EXPECT_EQ(options.common.connection.port, 1883);
    EXPECT_EQ(options.common.state, "c.json.epoch");
    EXPECT_FALSE(options.retain);
    EXPECT_FALSE(options.will);
}

TEST(Options, FollowTheConventionsOfMosquitto) {
    const PubOptions options = pub({"-h",   "broker",     "-p", "1999",         "-t",           "a",  "-n",
                                    "-q",   "2",          "-r", "-i",           "me/1",         "-V", "mqttv311",
                                    "-c",   "-k",         "30", "-d",           "--will-topic", "w",  "--will-payload",
                                    "gone", "--will-qos", "1",  "--will-retain"});
    EXPECT_EQ(options.common.connection.host, "broker");
    EXPECT_EQ(options.common.connection.port, 1999);
    EXPECT_EQ(options.source, PayloadSource::empty);
    EXPECT_EQ(options.common.qos, 2);
    EXPECT_TRUE(options.retain);
    EXPECT_EQ(options.common.connection.client_id, "me/1");
    EXPECT_EQ(options.common.connection.version, MqttVersion::v311);
    EXPECT_TRUE(options.common.connection.keep_session);
    EXPECT_EQ(options.common.connection.keepalive, 30);
    EXPECT_TRUE(options.common.connection.debug);
    ASSERT_TRUE(options.will);
    EXPECT_EQ(options.will->topic, "w");
    EXPECT_EQ(options.will->payload, "gone");
    EXPECT_EQ(options.will->qos, 1);
    EXPECT_TRUE(options.will->retain);
}

TEST(Options, TakeSeveralFiltersForSub) {
    const SubOptions options = sub({"-t", "a/+", "-t", "b/#", "-C", "3", "-W", "9", "-v", "-N", "--window", "w"});
    EXPECT_EQ(options.filters, (Words{"a/+", "b/#"}));
    EXPECT_EQ(options.count, 3U);
    EXPECT_EQ(options.wait_seconds, 9);
    EXPECT_TRUE(options.verbose);
    EXPECT_FALSE(options.newline);
    EXPECT_EQ(options.window, "w");
    EXPECT_EQ(options.unsealed, Words{"$SYS/#"});
    EXPECT_EQ(sub({"-t", "a", "--unsealed", "x/#"}).unsealed, Words{"x/#"});
}

TEST(Options, UseTheTlsPortWithACafile) {
    const testing::Folder folder;
    const std::string file = folder.write("ca.pem", "");
    EXPECT_EQ(pub({"-t", "a", "-n", "--cafile", file}).common.connection.port, 8883);
    EXPECT_EQ(pub({"-t", "a", "-n", "--cafile", file, "-p", "1"}).common.connection.port, 1);
    EXPECT_NE(complaint({"-t", "a", "-n", "--cert", file, "--key", file}), "accepted");
    EXPECT_NE(complaint({"-t", "a", "-n", "--cafile", file, "--cert", file}), "accepted");
    EXPECT_NE(complaint({"-t", "a", "-n", "--cafile", file, "--key", file}), "accepted");
    EXPECT_NE(complaint({"-t", "a", "-n", "--cafile", folder.path("none")}), "accepted");
}

TEST(Options, NameWhatIsWrongAndWhatWouldBeRight) {
    EXPECT_EQ(complaint({"-t", "a/#", "-n"}), "-t: 'a/#' is not a topic name: 1 to 65535 bytes without '+' and '#'");
    EXPECT_EQ(complaint({"-t", "a", "-n", "-q", "3"}), "--qos: Value 3 not in range 0 to 2; see reseal-pub --help");
    EXPECT_EQ(complaint({"-t", "a", "-n", "-V", "6"}),
              "--protocol-version: 6 not in {mqttv5,5,mqttv311,311}; see reseal-pub --help");
    EXPECT_EQ(complaint({"-n"}), "--topic is required; see reseal-pub --help");
    EXPECT_EQ(complaint({"-t", "a", "-n", "--frobnicate"}),
              "The following argument was not expected: --frobnicate; see reseal-pub --help");
    EXPECT_EQ(complaint({"-t", "a", "-l", "-o", "f"}), "-o takes one message: use -m, -f, -s or -n instead of -l");
}

TEST(Options, RequireExactlyOnePayload) {
    EXPECT_NE(complaint({"-t", "a"}), "accepted");
    EXPECT_NE(complaint({"-t", "a", "-n", "-s"}), "accepted");
    EXPECT_NE(complaint({"-t", "a", "-m", "x", "-l"}), "accepted");
    EXPECT_EQ(pub({"-t", "a", "-l"}).source, PayloadSource::lines);
    EXPECT_EQ(pub({"-t", "a", "-s"}).source, PayloadSource::whole_input);
    EXPECT_EQ(pub({"-t", "a", "-m", ""}).source, PayloadSource::argument);
}

TEST(Options, RequireATopicForAWill) {
    EXPECT_NE(complaint({"-t", "a", "-n", "--will-payload", "x"}), "accepted");
    EXPECT_NE(complaint({"-t", "a", "-n", "--will-topic", "a/+"}), "accepted");
}

TEST(ClientId, BelongsToThePrincipal) {
    ConnectionOptions options;
    EXPECT_EQ(*client_id(options, "nurse_07"), "nurse_07");
    options.client_id = "nurse_07";
    EXPECT_EQ(*client_id(options, "nurse_07"), "nurse_07");
    options.client_id = "nurse_07/tablet";
    EXPECT_EQ(*client_id(options, "nurse_07"), "nurse_07/tablet");
    for (const char* other : {"nurse_08", "nurse_07x", "nurse_0", "nurse_07/#", "nurse_07/+", "/nurse_07"}) {
        options.client_id = other;
        EXPECT_EQ(client_id(options, "nurse_07").error().ending, Ending::misused) << other;
    }
}

TEST(TopicMatches, FollowsTheFilter) {
    EXPECT_TRUE(topic_matches("$SYS/#", "$SYS/broker/uptime"));
    EXPECT_FALSE(topic_matches("#", "$SYS/broker/uptime"));
    EXPECT_FALSE(topic_matches("$SYS/#", "ward/1"));
    EXPECT_TRUE(topic_matches("ward/+/x", "ward/1/x"));
}

}  // namespace
}  // namespace reseal::tools
