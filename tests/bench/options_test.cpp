// SPDX-License-Identifier: Apache-2.0
#include "bench/options.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "bench/clients.h"

namespace bench {
namespace {

using reseal::tools::Checked;
using reseal::tools::Ending;
using Words = std::vector<std::string>;

Checked<Options> parsed(const Words& more) {
    Words words = {"-p", "1883"};
    words.insert(words.end(), more.begin(), more.end());
    return parse_options(words);
}

std::string complaint(const Words& more) {
    const auto options = parsed(more);
    if (options) {
        return "none";
    }
    EXPECT_EQ(options.error().ending, Ending::misused);
    return options.error().text();
}

TEST(BenchOptions, NeedNoMoreThanAPort) {
    const Options options = *parsed({});
    EXPECT_EQ(options.port, 1883);
    EXPECT_EQ(options.host, "127.0.0.1");
    ASSERT_EQ(options.loads.size(), 1U);
    EXPECT_EQ(options.loads[0].rate, 0);
}

class Plan : public testing::Test {
  protected:
    ~Plan() override { std::remove(path_.c_str()); }

    // The options with a plan of these lines.
    [[nodiscard]] Words with(const std::string& lines, Words more = {}) const {
        std::ofstream(path_) << lines;
        more.insert(more.end(), {"--plan", path_});
        return more;
    }

    const std::string path_ = testing::TempDir() + "reseal-bench-plan." + std::to_string(getpid());
};

TEST_F(Plan, AddsEachLinesOptionsToTheCommandLine) {
    const Options options = *parsed(with("# closed, then open\n--payload 64 -q 2\n\n--rate 10 --messages 7 -q 0\n",
                                         {"--payload", "512", "--messages", "99"}));
    ASSERT_EQ(options.loads.size(), 2U);
    EXPECT_EQ(options.loads[0].payload, 64U);
    EXPECT_EQ(options.loads[0].messages, 99U);
    EXPECT_EQ(options.loads[0].rate, 0);
    EXPECT_EQ(options.loads[1].payload, 512U);
    EXPECT_EQ(options.loads[1].messages, 7U);
    EXPECT_EQ(options.loads[1].rate, 10);
    EXPECT_EQ(highest_qos(options), 2);
}

TEST_F(Plan, NamesTheLineThatCannotBeRun) {
    EXPECT_NE(complaint(with("--payload 64\n--payload 7\n")).find(path_ + ":2: "), std::string::npos);
    EXPECT_NE(complaint(with("--subscribers 3\n")).find(path_ + ":1: "), std::string::npos);
    EXPECT_NE(complaint(with("\n")).find("has no measurement"), std::string::npos);
    EXPECT_NE(complaint(with("--messages 100000000\n", {"--seal", "--site", "."})).find("prepared in memory"),
              std::string::npos);
}

TEST(BenchOptions, SayWhatIsMissingOrInconsistent) {
    EXPECT_NE(complaint({"--seal"}).find("need --site"), std::string::npos);
    EXPECT_NE(complaint({"--login", "certificate"}).find("need --site"), std::string::npos);
    EXPECT_NE(complaint({"--publishers", "2", "--publisher", "pump"}).find("put {n} into it"), std::string::npos);
    EXPECT_NE(complaint({"--publishers", "2", "--topic", "ward/bench"}).find("put {id} into it"), std::string::npos);
    EXPECT_NE(complaint({"--filter", "other/#"}).find("does not match --topic"), std::string::npos);
    EXPECT_NE(complaint({"--payload", "7"}).find("--payload"), std::string::npos);
    EXPECT_NE(complaint({"--rate", "10", "--window", "10"}).find("--rate"), std::string::npos);
    EXPECT_NE(complaint({"--turns"}).find("--output"), std::string::npos);
    EXPECT_NE(complaint({"--seal", "--site", ".", "--messages", "100000000"}).find("prepared in memory"),
              std::string::npos);
}

TEST(BenchOptions, AreExplained) {
    const auto help = parsed({"--help"});
    ASSERT_FALSE(help);
    EXPECT_EQ(help.error().ending, Ending::help);
    for (const char* word : {"--rate", "--window", "--broker-pid", "--site", "--plan", "Open loop", "Closed loop"}) {
        EXPECT_NE(help.error().problem.find(word), std::string::npos) << word;
    }
}

TEST(Names, NumberPrincipalsOrTheClientsOfOne) {
    EXPECT_EQ(name_of("pump-{n}", 0).principal, "pump-1");
    EXPECT_EQ(name_of("pump-{n}", 6).client_id, "pump-7");
    EXPECT_EQ(name_of("screen", 6).principal, "screen");
    EXPECT_EQ(name_of("screen", 6).client_id, "screen/7");
}

}  // namespace
}  // namespace bench
