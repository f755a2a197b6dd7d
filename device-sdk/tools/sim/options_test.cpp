// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/options.h"

#include <gtest/gtest.h>

#include "tools/test_support.h"

namespace reseal::tools::sim {
namespace {

using Words = std::vector<std::string>;

SimOptions sim(const Words& more) {
    Words words = {"--credentials", "c.json"};
    words.insert(words.end(), more.begin(), more.end());
    return *parse_sim_options(words);
}

std::string complaint(const Words& words) {
    const auto options = parse_sim_options(words);
    if (options) {
        return "accepted";
    }
    EXPECT_EQ(options.error().ending, Ending::misused);
    return options.error().text();
}

TEST(SimOptions, ShowTheUsageWithoutArguments) {
    EXPECT_EQ(parse_sim_options({}).error().ending, Ending::misused);
    EXPECT_EQ(parse_sim_options({"--help"}).error().ending, Ending::help);
}

TEST(SimOptions, AreCheckedAgainstTheirRanges) {
    EXPECT_EQ(sim({"--rate", "2.5", "--count", "7"}).rate, 2.5);
    EXPECT_EQ(sim({"--seed", "99"}).seed, 99U);
    EXPECT_EQ(sim({"--heart-rate", "60"}).patient.heart_rate.mean, 60);
    for (Words wrong : {Words{"--rate", "0"}, Words{"--count", "0"}, Words{"--queue", "0"},
                        Words{"--topic-prefix", "a/+"}, Words{"--heart-rate", "29"}, Words{"--noise", "1.1"},
                        Words{"--heart-rate-sd", "-1"}, Words{"--connect-rate", "0"}}) {
        wrong.insert(wrong.end(), {"--credentials", "c.json"});
        EXPECT_NE(complaint(wrong), "accepted") << wrong.front();
    }
}

TEST(SimOptions, KeepTheEpochBesideTheCredentials) {
    EXPECT_EQ(sim({}).common.state, "c.json.epoch");
    EXPECT_EQ(sim({"--state", "s"}).common.state, "s");
}

TEST(SimOptions, RequireOneDeviceOrAFolderOfMany) {
    const testing::Folder folder;
    const std::string dir = folder.path(".");
    EXPECT_EQ(complaint({"--rate", "1"}),
              "say who sends: --credentials FILE for one device, or --credentials-dir DIR for many");
    EXPECT_EQ(complaint({"--credentials-dir", dir, "-i", "x"}),
              "-i, --cert and --key belong to one device: with --credentials-dir each has its own");
    EXPECT_NE(complaint({"--credentials-dir", dir, "--credentials", "c.json"}), "accepted");
    EXPECT_NE(complaint({"--credentials-dir", dir, "--state", "s"}), "accepted");
    EXPECT_NE(complaint({"--credentials", "c.json", "--devices", "2"}), "accepted");
    EXPECT_NE(complaint({"--credentials-dir", folder.path("missing")}), "accepted");
    const SimOptions options = *parse_sim_options({"--credentials-dir", dir, "--devices", "7", "--only", "iot_*"});
    EXPECT_EQ(options.credentials_dir, dir);
    EXPECT_EQ(options.devices, 7U);
    EXPECT_EQ(options.only, "iot_*");
}

TEST(TopicFor, ReplacesEachIdWithThePrincipal) {
    EXPECT_EQ(topic_for("ward/{id}/vitals", "iot_dev_01"), "ward/iot_dev_01/vitals");
    EXPECT_EQ(topic_for("{id}/{id}", "a"), "a/a");
    EXPECT_EQ(topic_for("x", "a"), "x");
}

}  // namespace
}  // namespace reseal::tools::sim
