// SPDX-License-Identifier: Apache-2.0
#include "bench/result.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bench {
namespace {

using nlohmann::json;

const Clock::time_point measured_from{std::chrono::hours(1)};

Options options_of(bool seal) {
    Options out;
    out.seal = seal;
    return out;
}

// Four messages to one subscriber, of which `deliveries` arrive after 1, 2, 3 ... milliseconds.
Measured measured_with(std::uint64_t deliveries) {
    Measured out{.load = {.messages = 4}};
    out.phase = {.matcher = Matcher(1, 1, 4), .seconds = 2, .broker_cpu = 0.5, .generator_cpu = 0.25};
    for (int i = 0; i < 4; ++i) {
        out.phase.matcher.sent(measured_from);
    }
    for (std::uint64_t i = 0; i < deliveries; ++i) {
        out.phase.matcher.received_next(0, 0, measured_from + std::chrono::milliseconds(i + 1));
    }
    return out;
}

json told(const Options& options, const Measured& measured) {
    const std::string text = result_json(options, measured);
    EXPECT_EQ(text.find('\n'), text.size() - 1) << "a line each";
    return json::parse(text);
}

TEST(Result, ReportsRatesLatenciesAndTheBrokersResources) {
    Options options = options_of(true);
    options.broker_pid = 77;
    Measured measured = measured_with(4);
    measured.memory_before = {.resident = 8000, .anonymous = 900};
    measured.memory = {.resident = 9000, .anonymous = 1000};
    const json result = told(options, measured);
    EXPECT_EQ(result.at("deliveries_per_second"), 2.0);
    EXPECT_EQ(result.at("missing"), 0);
    EXPECT_NEAR(result.at("latency_us").at("p50").get<double>(), 2000, 2000.0 / 128);
    EXPECT_EQ(result.at("latency_us").at("max"), 4000.0);
    EXPECT_EQ(result.at("latency_us").at("histogram_ns").size(), 4U);
    EXPECT_EQ(result.at("latency_us").at("histogram_ns").at(0).at(1), 1);
    EXPECT_EQ(result.at("broker").at("cpu_seconds_per_million_deliveries"), 125'000.0);
    EXPECT_EQ(result.at("broker").at("rss_kib_before"), 8000);
    EXPECT_EQ(result.at("broker").at("rss_kib"), 9000);
    EXPECT_EQ(result.at("broker").at("anonymous_kib"), 1000);
}

TEST(Result, HasNoBrokerFiguresIfItIsNotWatched) {
    EXPECT_TRUE(told(options_of(true), measured_with(4)).at("broker").is_null());
}

TEST(Result, HasNoLatenciesIfASealedDeliveryIsMissing) {
    const json sealed = told(options_of(true), measured_with(3));
    EXPECT_EQ(sealed.at("missing"), 1);
    EXPECT_TRUE(sealed.at("latency_us").is_null()) << "those behind the missing one would be another message's";
    EXPECT_TRUE(told(options_of(false), measured_with(3)).at("latency_us").is_object());
}

TEST(Result, CountsUnsentMessagesAsMissing) {
    const json result = told(options_of(false), {.load = {.messages = 4}});
    EXPECT_EQ(result.at("messages_sent"), 0);
    EXPECT_EQ(result.at("missing"), 4);
    EXPECT_TRUE(result.at("latency_us").is_null());
}

TEST(Result, IsCompleteWhenEverythingIsDeliveredAndAcknowledged) {
    EXPECT_TRUE(complete(options_of(true), measured_with(4)));
    EXPECT_FALSE(complete(options_of(true), measured_with(3)));
    Measured unacknowledged = measured_with(4);
    unacknowledged.phase.acknowledged = false;
    EXPECT_FALSE(complete(options_of(true), unacknowledged));
}

}  // namespace
}  // namespace bench
