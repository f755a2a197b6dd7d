// SPDX-License-Identifier: Apache-2.0
// reseal-bench against the real broker, with and without the plugin: its measurements add up.
#include <gtest/gtest.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "harness/broker.h"
#include "harness/site.h"

namespace bench {
namespace {

using harness::Broker;
using harness::Mosquitto;
using harness::Ran;
using harness::Site;
using nlohmann::json;
using Words = std::vector<std::string>;

// With 2.0.11, what exceeds this limit would stay in the broker: see reseal-bench --help.
constexpr const char* unlimited = "max_inflight_messages 0\n";

// A listener that lets everybody in.
std::string open_conf(std::uint16_t port) {
    const std::string user = geteuid() == 0 ? "user root\n" : "";
    return user + unlimited + "allow_anonymous true\nlistener " + std::to_string(port) + " 127.0.0.1\n";
}

class RunningBench : public testing::Test {
  protected:
    // A principal whose files are where the bench looks for them.
    void provision(const std::string& id, const std::string& role) const {
        site_.add(id, role);
        site_.provision(
            {"export", id, "--format", "json", "--output", site_.path("principals/" + id + "/" + id + ".json")});
    }

    Ran run(std::uint16_t port, const Mosquitto& broker, const Words& more) const {
        Words words = {RESEAL_BENCH,
                       "-p",
                       std::to_string(port),
                       "--broker-pid",
                       std::to_string(broker.pid()),
                       "--messages",
                       "300",
                       "--site",
                       site_.folder(),
                       "-o",
                       result_file_};
        words.insert(words.end(), more.begin(), more.end());
        return harness::run(words);
    }

    // What it measured; fails the test unless everything was delivered.
    [[nodiscard]] json measured(std::uint16_t port, const Mosquitto& broker, Words more) const {
        more.insert(more.end(), {"--warm-up", "20"});
        const Ran ran = run(port, broker, more);
        EXPECT_EQ(ran.status, 0) << ran.output;
        return ran.status == 0 ? json::parse(harness::read_all(result_file_)) : json();
    }

    // A line each.
    [[nodiscard]] std::vector<json> results() const {
        std::istringstream lines(harness::read_all(result_file_));
        std::vector<json> out;
        for (std::string line; std::getline(lines, line);) {
            out.push_back(json::parse(line));
        }
        return out;
    }

    Site site_;
    const std::string result_file_ = site_.path("result.json");
};

// Connections that the broker accepted since it started.
std::size_t connections(const Mosquitto& broker) {
    const std::string log = broker.log();
    std::size_t out = 0;
    for (std::size_t at = 0; (at = log.find("New client connected", at)) != std::string::npos; ++at) {
        ++out;
    }
    return out;
}

void expect_whole(const json& result, std::uint64_t deliveries) {
    ASSERT_TRUE(result.is_object());
    EXPECT_EQ(result.at("messages_sent"), 300);
    EXPECT_EQ(result.at("deliveries"), deliveries);
    EXPECT_EQ(result.at("missing"), 0);
    EXPECT_EQ(result.at("all_acknowledged"), true);
    const json& latency = result.at("latency_us");
    EXPECT_GT(latency.at("min"), 0);
    EXPECT_LE(latency.at("p50"), latency.at("p99"));
    EXPECT_LE(latency.at("p99"), latency.at("p99_9"));
    EXPECT_LE(latency.at("p99_9"), latency.at("max"));
    EXPECT_GT(result.at("broker").at("cpu_seconds"), 0);
    EXPECT_GT(result.at("broker").at("anonymous_kib"), 0);
    EXPECT_GT(result.at("broker").at("rss_kib"), result.at("broker").at("anonymous_kib"));
}

class BenchOfReseal : public RunningBench {
  protected:
    BenchOfReseal() {
        site_.set("loopback_listeners", "[" + std::to_string(plain_port_) + "]");
        provision("bench-pub-1", "wearable");
        provision("bench-pub-2", "wearable");
        provision("bench-sub-1", "clinician");
        provision("bench-sub-2", "clinician");
    }

    const std::uint16_t plain_port_ = harness::free_port();
    const std::string conf_ = std::string(unlimited) + "listener " + std::to_string(plain_port_) + " 127.0.0.1\n";
};

TEST_F(BenchOfReseal, MeasuresSealedMessagesOverMutualTls) {
    const Broker broker(site_, conf_);
    for (const char* qos : {"0", "1", "2"}) {
        const json result =
            measured(broker.port(), broker,
                     {"--login", "certificate", "--seal", "--publishers", "2", "--subscribers", "2", "-q", qos});
        expect_whole(result, 600);
        EXPECT_EQ(result.at("latency_matched_by"), "order");
    }
}

TEST_F(BenchOfReseal, MeasuresSealedConnectsOfManyClientsOfOnePrincipal) {
    const Broker broker(site_, conf_);
    for (const char* version : {"311", "5"}) {
        expect_whole(measured(plain_port_, broker,
                              {"--login", "sealed", "--seal", "--subscriber", "bench-sub-1", "--subscribers", "40",
                               "--rate", "2000", "-V", version}),
                     300 * 40);
    }
}

TEST_F(BenchOfReseal, MeasuresAMinimalPlugin) {
    const Mosquitto broker(site_.folder(), "least", open_conf(plain_port_) + "plugin " BENCH_LEAST "\n", {plain_port_});
    for (const char* qos : {"0", "1"}) {
        for (const char* subscribers : {"1", "2", "70"}) {
            expect_whole(measured(plain_port_, broker,
                                  {"--seal", "--subscriber", "bench-sub-1", "--subscribers", subscribers, "-q", qos}),
                         std::stoul(subscribers) * 300);
        }
    }
}

TEST_F(BenchOfReseal, NamesTheRefusedClientAndAction) {
    const Broker broker(site_, conf_);
    const Ran no_right = run(broker.port(), broker,
                             {"--login", "certificate", "--seal", "--topic", "ward/{id}/bench", "--publisher",
                              "bench-sub-{n}", "--subscriber", "bench-sub-2"});
    EXPECT_EQ(no_right.status, 1);
    EXPECT_NE(no_right.output.find("bench-sub-1 on 127.0.0.1:"), std::string::npos) << no_right.output;
    EXPECT_NE(no_right.output.find("the broker refused a message"), std::string::npos) << no_right.output;
    const Ran no_subscription =
        run(broker.port(), broker, {"--login", "certificate", "--seal", "--subscriber", "bench-pub-2"});
    EXPECT_EQ(no_subscription.status, 1);
    EXPECT_NE(no_subscription.output.find("the broker refused the subscription to ward/+/bench"), std::string::npos)
        << no_subscription.output;
}

TEST_F(BenchOfReseal, NamesTheMissingFileOfAPrincipal) {
    const Broker broker(site_, conf_);
    const Ran ran = run(broker.port(), broker, {"--login", "certificate", "--seal", "--publishers", "3"});
    EXPECT_EQ(ran.status, 1);
    EXPECT_NE(ran.output.find("bench-pub-3.json: not found"), std::string::npos) << ran.output;
}

TEST_F(BenchOfReseal, MeasuresAPlanWithTheSameConnections) {
    const Broker broker(site_, conf_);
    const std::string plan = site_.path("plan");
    harness::write_all(plan,
                       "--qos 0 --payload 64\n-q 1 --payload 16384 --messages 200 --rate 1000\n-q 0 --payload 64\n");
    const Ran ran = run(broker.port(), broker,
                        {"--login", "certificate", "--seal", "--subscribers", "2", "--warm-up", "20", "--plan", plan});
    EXPECT_EQ(ran.status, 0) << ran.output;
    const std::vector<json> results = this->results();
    ASSERT_EQ(results.size(), 3U);
    for (const json& result : results) {
        EXPECT_EQ(result.at("missing"), 0);
        EXPECT_EQ(result.at("deliveries"), result.at("settings").at("messages").get<int>() * 2);
        EXPECT_TRUE(result.at("latency_us").is_object());
    }
    EXPECT_EQ(results[0].at("settings").at("loop"), "closed");
    EXPECT_EQ(results[1].at("settings").at("loop"), "open");
    EXPECT_EQ(results[1].at("settings").at("payload_bytes"), 16384);
    EXPECT_EQ(connections(broker), 3U);
}

class BenchOfMosquitto : public RunningBench {
  protected:
    [[nodiscard]] std::string conf() const { return open_conf(port_); }

    const std::uint16_t port_ = harness::free_port();
};

TEST_F(BenchOfMosquitto, MeasuresMessagesInClear) {
    const Mosquitto broker(site_.folder(), "plain", conf(), {port_});
    for (const char* login : {"anonymous", "user"}) {
        for (const char* qos : {"0", "1", "2"}) {
            const json result = measured(
                port_, broker,
                {"--login", login, "--publishers", "3", "--subscribers", "5", "--payload", "16384", "-q", qos});
            expect_whole(result, 1500);
            EXPECT_EQ(result.at("latency_matched_by"), "number");
            EXPECT_EQ(result.at("out_of_order"), 0);
        }
    }
}

TEST_F(BenchOfMosquitto, ReportsThatNobodyListens) {
    const Mosquitto broker(site_.folder(), "plain", conf(), {port_});
    const std::uint16_t other = harness::free_port();
    const Ran ran = run(other, broker, {});
    EXPECT_EQ(ran.status, 1);
    EXPECT_NE(ran.output.find("127.0.0.1:" + std::to_string(other)), std::string::npos) << ran.output;
    EXPECT_NE(ran.output.find("Connection refused"), std::string::npos) << ran.output;
}

TEST_F(BenchOfMosquitto, ReconnectsAfterALossAndContinuesThePlan) {
    const Mosquitto broker(site_.folder(), "plain", conf() + "log_type all\nmessage_size_limit 1000\n", {port_});
    const std::string plan = site_.path("plan");
    harness::write_all(plan, "--payload 64\n--payload 2000 --warm-up 0\n--payload 2000\n--payload 64\n");
    const Ran ran = run(port_, broker, {"-V", "311", "--patience", "1", "--warm-up", "20", "--plan", plan});
    EXPECT_EQ(ran.status, 1);
    EXPECT_NE(ran.output.find("of the warm-up, 0 of 20 deliveries came"), std::string::npos) << ran.output;
    const std::vector<json> results = this->results();
    ASSERT_EQ(results.size(), 4U);
    EXPECT_EQ(results[0].at("missing"), 0);
    EXPECT_EQ(results[1].at("missing"), 300);
    EXPECT_EQ(results[2].at("missing"), 300);
    EXPECT_EQ(results[2].at("messages_sent"), 0) << "nothing is sent behind a warm-up that was lost";
    EXPECT_EQ(results[3].at("missing"), 0);
    EXPECT_EQ(connections(broker), 6U);
}

TEST_F(BenchOfMosquitto, WaitsForItsTurnBeforeEachMeasurement) {
    const Mosquitto broker(site_.folder(), "plain", conf() + "log_type all\n", {port_});
    const std::string plan = site_.path("plan");
    harness::write_all(plan, "--messages 10\n--messages 20\n--messages 30\n");
    const std::string bench = std::string(RESEAL_BENCH) + " --warm-up 5 --turns --plan " + plan + " -o " +
                              result_file_ + " -p " + std::to_string(port_);
    const Ran all = harness::run({"sh", "-c", R"(printf '\n\n\n' | )" + bench});
    EXPECT_EQ(all.status, 0);
    EXPECT_EQ(all.output, "ready\nready\nready\n");
    EXPECT_EQ(results().size(), 3U);
    const Ran cut = harness::run({"sh", "-c", R"(printf '\n' | )" + bench});
    EXPECT_EQ(cut.status, 1);
    EXPECT_NE(cut.output.find("standard input ended before the last measurement"), std::string::npos) << cut.output;
    EXPECT_EQ(results().size(), 1U);
}

TEST_F(BenchOfMosquitto, ExitsWithStatusOneIfMessagesAreLost) {
    const std::string acl = site_.path("acl");
    harness::write_all(acl, "topic read #\n");  // 3.1.1 does not report a refused message
    const Mosquitto broker(site_.folder(), "plain", conf() + "acl_file " + acl + "\n", {port_});
    const Ran ran = run(port_, broker, {"-V", "311", "--warm-up", "0", "--patience", "1"});
    EXPECT_EQ(ran.status, 1);
    const json result = json::parse(harness::read_all(result_file_));
    EXPECT_EQ(result.at("deliveries"), 0);
    EXPECT_EQ(result.at("missing"), 300);
    EXPECT_TRUE(result.at("latency_us").is_null());
}

}  // namespace
}  // namespace bench
