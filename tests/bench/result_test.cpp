#include "bench/result.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace bench {
namespace {

using nlohmann::json;

const Clock::time_point start{std::chrono::hours(1)};

Options options_of(bool seal) {
    Options out;
    out.messages = 4;
    out.seal = seal;
    return out;
}

// Four messages to one subscriber, of which `deliveries` arrive, after 1, 2, 3 ... milliseconds.
Phase phase_with(std::uint64_t deliveries) {
    Phase out{.matcher = Matcher(1, 1, 4), .seconds = 2, .broker_cpu = 0.5, .generator_cpu = 0.25};
    for (int i = 0; i < 4; ++i) {
        out.matcher.sent(start);
    }
    for (std::uint64_t i = 0; i < deliveries; ++i) {
        out.matcher.received_next(0, 0, start + std::chrono::milliseconds(i + 1));
    }
    return out;
}

TEST(Result, TellsRatesLatenciesAndWhatTheBrokerSpent) {
    Options options = options_of(true);
    options.broker_pid = 77;
    const json result = json::parse(result_json(options, phase_with(4), {.resident = 9000, .anonymous = 1000}));
    EXPECT_EQ(result.at("deliveries_per_second"), 2.0);
    EXPECT_EQ(result.at("missing"), 0);
    EXPECT_NEAR(result.at("latency_us").at("p50").get<double>(), 2000, 2000.0 / 128);
    EXPECT_EQ(result.at("latency_us").at("max"), 4000.0);
    EXPECT_EQ(result.at("broker").at("cpu_seconds_per_million_deliveries"), 125'000.0);
    EXPECT_EQ(result.at("broker").at("rss_kib"), 9000);
    EXPECT_EQ(result.at("broker").at("anonymous_kib"), 1000);
}

TEST(Result, HasNothingOfABrokerThatIsNotWatched) {
    EXPECT_TRUE(json::parse(result_json(options_of(true), phase_with(4), {})).at("broker").is_null());
}

TEST(Result, HasNoLatenciesWhereASealedDeliveryIsMissing) {
    const json sealed = json::parse(result_json(options_of(true), phase_with(3), {}));
    EXPECT_EQ(sealed.at("missing"), 1);
    EXPECT_TRUE(sealed.at("latency_us").is_null()) << "those behind the missing one would be another message's";
    EXPECT_TRUE(json::parse(result_json(options_of(false), phase_with(3), {})).at("latency_us").is_object());
}

TEST(Result, IsCompleteWhenAllWasDeliveredAndAcknowledged) {
    EXPECT_TRUE(complete(options_of(true), phase_with(4)));
    EXPECT_FALSE(complete(options_of(true), phase_with(3)));
    Phase unacknowledged = phase_with(4);
    unacknowledged.acknowledged = false;
    EXPECT_FALSE(complete(options_of(true), unacknowledged));
}

}  // namespace
}  // namespace bench
