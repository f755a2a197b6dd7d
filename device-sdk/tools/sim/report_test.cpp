// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tools/sim/control.h"

namespace reseal::tools::sim {
namespace {

using std::chrono::microseconds;

Report sample() {
    Report report;
    report.devices = 3;
    report.connected = 2;
    report.time = std::chrono::seconds(62);
    report.counts = {.sent = 130, .acknowledged = 124, .refused = 1, .dropped = 2, .left = 5, .connects = 4};
    report.round_trips.add(microseconds(1500));
    return report;
}

TEST(Report, IsMachineReadableJson) {
    const auto json = nlohmann::json::parse(report_json(sample()));
    EXPECT_EQ(json.at("devices"), 3);
    EXPECT_EQ(json.at("connects"), 4);
    EXPECT_EQ(json.at("readings").at("sent"), 130);
    EXPECT_EQ(json.at("readings").at("acknowledged"), 124);
    EXPECT_EQ(json.at("readings").at("refused"), 1);
    EXPECT_EQ(json.at("readings").at("dropped"), 2);
    EXPECT_EQ(json.at("readings").at("left"), 5);
    EXPECT_EQ(json.at("readings").at("acknowledged_per_second"), 2);
    EXPECT_EQ(json.at("round_trip_ms").at("median"), 1.5);
    EXPECT_TRUE(nlohmann::json::parse(report_json({})).at("round_trip_ms").is_null());
}

TEST(Report, IsReadableText) {
    EXPECT_EQ(report_text(sample()),
              "readings: 124 acknowledged, 1 refused, 2 dropped, 5 left; commands: 0 opened, 0 refused\n"
              "devices: 3 with 4 connects, 0 given up; 62.0 s, 2.0 readings a second acknowledged\n"
              "round trips: min 1.5, median 1.5, p95 1.5, p99 1.5, max 1.5 ms");
}

TEST(Report, HasAProgressLine) {
    Counts before;
    before.acknowledged = 121;
    EXPECT_EQ(progress_line(sample(), before),
              "01:02  2/3 connected  3/s  130 sent, 124 acknowledged, 1 refused, 2 dropped, 5 wait  median 1.5 ms, "
              "p99 1.5 ms");
}

TEST(Counts, AreGoodIfNothingIsMissing) {
    EXPECT_TRUE((Counts{.sent = 1, .acknowledged = 1}.all_well()));
    EXPECT_FALSE((Counts{.refused = 1}.all_well()));
    EXPECT_FALSE((Counts{.dropped = 1}.all_well()));
    EXPECT_FALSE((Counts{.left = 1}.all_well()));
}

TEST(Pace, SpacesConnectsEvenly) {
    Pace pace(100);
    const Clock::time_point now = Clock::now();
    EXPECT_EQ(pace.reserve(now), now);
    EXPECT_EQ(pace.reserve(now), now + std::chrono::milliseconds(10));
    EXPECT_EQ(pace.reserve(now), now + std::chrono::milliseconds(20));
    EXPECT_EQ(pace.reserve(now + std::chrono::seconds(1)), now + std::chrono::seconds(1));
}

}  // namespace
}  // namespace reseal::tools::sim
