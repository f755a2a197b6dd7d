#include "bench/options.h"

#include <gtest/gtest.h>

#include "bench/clients.h"
#include "tools/failure.h"

namespace bench {
namespace {

using reseal::tools::HelpRequested;
using reseal::tools::UsageError;
using Words = std::vector<std::string>;

Options parsed(const Words& more) {
    Words words = {"-p", "1883"};
    words.insert(words.end(), more.begin(), more.end());
    return parse_options(words);
}

std::string complaint(const Words& more) {
    try {
        parsed(more);
    } catch (const UsageError& error) {
        return error.what();
    }
    return "none";
}

TEST(BenchOptions, NeedNoMoreThanAPort) {
    const Options options = parsed({});
    EXPECT_EQ(options.port, 1883);
    EXPECT_EQ(options.host, "127.0.0.1");
    EXPECT_EQ(options.rate, 0);
}

TEST(BenchOptions, SayWhatIsMissingOrDoesNotFit) {
    EXPECT_NE(complaint({"--seal"}).find("need --site"), std::string::npos);
    EXPECT_NE(complaint({"--login", "certificate"}).find("need --site"), std::string::npos);
    EXPECT_NE(complaint({"--publishers", "2", "--publisher", "pump"}).find("put {n} into it"), std::string::npos);
    EXPECT_NE(complaint({"--publishers", "2", "--topic", "ward/bench"}).find("put {id} into it"), std::string::npos);
    EXPECT_NE(complaint({"--filter", "other/#"}).find("does not match --topic"), std::string::npos);
    EXPECT_NE(complaint({"--payload", "7"}).find("--payload"), std::string::npos);
    EXPECT_NE(complaint({"--rate", "10", "--window", "10"}).find("--rate"), std::string::npos);
    EXPECT_NE(complaint({"--seal", "--site", ".", "--messages", "100000000"}).find("prepared in memory"),
              std::string::npos);
}

TEST(BenchOptions, AreExplained) {
    try {
        parsed({"--help"});
        FAIL() << "no help";
    } catch (const HelpRequested& help) {
        for (const char* word : {"--rate", "--window", "--broker-pid", "--site", "Open loop", "Closed loop"}) {
            EXPECT_NE(std::string(help.what()).find(word), std::string::npos) << word;
        }
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
