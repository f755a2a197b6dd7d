// SPDX-License-Identifier: Apache-2.0
// The metrics as Prometheus and $SYS show them, and as the dashboard asks for them.
#include "observe/exposition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <nlohmann/json.hpp>

namespace reseal::observe {
namespace {

std::string value_of(const std::string& text, const std::string& series) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(series + " ")) {
            return line.substr(series.size() + 1);
        }
    }
    return "missing: " + series;
}

std::map<std::string, std::string> sys(const Metrics& metrics) {
    const auto values = sys_values(metrics);
    return {values.begin(), values.end()};
}

TEST(Exposition, ShowsEveryNumberInBothForms) {
    Metrics metrics;
    WorkerMetrics& first = metrics.add_worker();
    first.opened.add(1);
    metrics.add_worker().opened.add(2);
    first.sealed.add(5);
    metrics.refused.at(static_cast<std::size_t>(Refusal::replay)).add(7);
    metrics.reloads.add(2);
    metrics.failed_reloads.add();
    metrics.active_keys.set(11);
    metrics.alerts.at(static_cast<std::size_t>(Alert::crl_stale)).add();
    const std::string text = prometheus_text(metrics);
    EXPECT_EQ(value_of(text, "reseal_messages_opened_total"), "3");
    EXPECT_EQ(value_of(text, "reseal_messages_sealed_total"), "5");
    EXPECT_EQ(value_of(text, "reseal_refusals_total{reason=\"replay\"}"), "7");
    EXPECT_EQ(value_of(text, "reseal_refusals_total{reason=\"bad_tag\"}"), "0");
    EXPECT_EQ(value_of(text, "reseal_replay_hits_total"), "7");
    EXPECT_EQ(value_of(text, "reseal_reloads_total{result=\"failure\"}"), "1");
    EXPECT_EQ(value_of(text, "reseal_keys{state=\"active\"}"), "11");
    EXPECT_EQ(value_of(text, "reseal_alerts_total{alert=\"crl_stale\"}"), "1");
    const auto topics = sys(metrics);
    EXPECT_EQ(topics.at("$SYS/broker/reseal/messages/opened"), "3");
    EXPECT_EQ(topics.at("$SYS/broker/reseal/refusals/replay"), "7");
    EXPECT_EQ(topics.at("$SYS/broker/reseal/reloads/success"), "2");
    EXPECT_EQ(topics.at("$SYS/broker/reseal/keys/active"), "11");
    EXPECT_EQ(topics.at("$SYS/broker/reseal/alerts/crl_stale"), "1");
}

TEST(Exposition, AccumulatesTheBucketsOfAHistogram) {
    Metrics metrics;
    for (const std::uint64_t nanoseconds : {1000U, 1500U, 4000U, 20000000U}) {
        metrics.add_worker().steps.at(static_cast<std::size_t>(Step::seal)).add(nanoseconds);
    }
    const std::string text = prometheus_text(metrics);
    EXPECT_EQ(value_of(text, R"(reseal_step_seconds_bucket{step="seal",le="1e-06"})"), "1");
    EXPECT_EQ(value_of(text, R"(reseal_step_seconds_bucket{step="seal",le="2e-06"})"), "2");
    EXPECT_EQ(value_of(text, R"(reseal_step_seconds_bucket{step="seal",le="0.01"})"), "3");
    EXPECT_EQ(value_of(text, R"(reseal_step_seconds_bucket{step="seal",le="+Inf"})"), "4");
    EXPECT_EQ(value_of(text, R"(reseal_step_seconds_count{step="seal"})"), "4");
    EXPECT_EQ(value_of(text, R"(reseal_step_seconds_sum{step="seal"})"), "0.0200065");
}

bool is_number(const std::string& text) {
    char* end = nullptr;
    (void)std::strtod(text.c_str(), &end);
    return !text.empty() && *end == '\0';
}

TEST(Exposition, KeepsTheTextFormat) {
    std::istringstream lines(prometheus_text(Metrics()));
    std::set<std::string> families;
    std::string family;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(families.insert(family).second) << "a family stands in one place: " << line;
        } else if (!line.starts_with("# HELP reseal_")) {
            EXPECT_TRUE(line.starts_with(family)) << line;
            const std::size_t blank = line.rfind(' ');
            EXPECT_TRUE(is_number(line.substr(blank + 1))) << line;
            EXPECT_EQ(line.find('{') == std::string::npos, line[blank - 1] != '}') << line;
            EXPECT_EQ(std::ranges::count(line, '"') % 2, 0) << line;
        }
    }
    EXPECT_GT(families.size(), 10U);
}

TEST(Exposition, MeasuresOneStepInSixteen) {
    Metrics all;
    WorkerMetrics& metrics = all.add_worker();
    for (int i = 0; i < 33; ++i) {
        const Stopwatch watch(metrics, Step::open);
    }
    EXPECT_EQ(metrics.steps.at(static_cast<std::size_t>(Step::open)).count(), 3U);
    EXPECT_EQ(metrics.steps.at(static_cast<std::size_t>(Step::seal)).count(), 0U);
}

// Every metric and label value that the dashboard in config/ asks for is one that the plugin has.
TEST(Dashboard, QueriesOnlyExistingMetrics) {
    const std::string text = prometheus_text(Metrics());
    std::ifstream file(RESEAL_CONFIG_DIR "/grafana-dashboard.json");
    const auto dashboard = nlohmann::json::parse(file);
    std::set<std::string> asked;
    for (const auto& panel : dashboard.at("panels")) {
        for (const auto& target : panel.at("targets")) {
            const std::string query = target.at("expr");
            for (std::size_t at = query.find("reseal_"); at != std::string::npos; at = query.find("reseal_", at + 1)) {
                asked.insert(query.substr(at, query.find_first_not_of("abcdefghijklmnopqrstuvwxyz_", at) - at));
            }
        }
    }
    for (const std::string& metric : asked) {
        EXPECT_TRUE(text.find("\n" + metric + " ") != std::string::npos ||
                    text.find("\n" + metric + "{") != std::string::npos)
            << metric;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# TYPE ")) {
            std::string family = line.substr(7, line.find(' ', 7) - 7);
            family += line.ends_with("histogram") ? "_bucket" : "";
            EXPECT_TRUE(asked.contains(family)) << "the dashboard leaves out " << family;
        }
    }
}

}  // namespace
}  // namespace reseal::observe
