// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/report.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace reseal::tools::sim {
namespace {

using Json = nlohmann::ordered_json;

double in_ms(Latencies::Nanoseconds time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

std::string fixed(double number, int decimals) {
    std::array<char, 64> text{};
    (void)std::snprintf(text.data(), text.size(), "%.*f", decimals, number);
    return text.data();
}

std::string of(std::uint64_t number, const char* what) {
    return std::to_string(number) + " " + what;
}

std::string times(const Latencies& trips) {
    if (trips.count() == 0) {
        return "none";
    }
    return "min " + fixed(in_ms(trips.shortest()), 1) + ", median " + fixed(in_ms(trips.quantile(0.5)), 1) + ", p95 " +
           fixed(in_ms(trips.quantile(0.95)), 1) + ", p99 " + fixed(in_ms(trips.quantile(0.99)), 1) + ", max " +
           fixed(in_ms(trips.longest()), 1) + " ms";
}

double per_second(const Report& report) {
    return report.time.count() > 0 ? static_cast<double>(report.counts.acknowledged) / report.time.count() : 0;
}

Json json_times(const Latencies& trips) {
    if (trips.count() == 0) {
        return nullptr;
    }
    return {{"min", in_ms(trips.shortest())},
            {"median", in_ms(trips.quantile(0.5))},
            {"p95", in_ms(trips.quantile(0.95))},
            {"p99", in_ms(trips.quantile(0.99))},
            {"max", in_ms(trips.longest())}};
}

}  // namespace

std::string progress_line(const Report& report, const Counts& before) {
    const Counts& counts = report.counts;
    const auto seconds = static_cast<int>(report.time.count());
    std::array<char, 16> clock{};
    (void)std::snprintf(clock.data(), clock.size(), "%02d:%02d", seconds / 60, seconds % 60);
    std::string line = std::string(clock.data()) + "  " + std::to_string(report.connected) + "/" +
                       std::to_string(report.devices) + " connected  " +
                       std::to_string(counts.acknowledged - before.acknowledged) + "/s  " + of(counts.sent, "sent, ") +
                       of(counts.acknowledged, "acknowledged, ") + of(counts.refused, "refused, ") +
                       of(counts.dropped, "dropped, ") + of(counts.left, "wait");
    if (report.round_trips.count() > 0) {
        line += "  median " + fixed(in_ms(report.round_trips.quantile(0.5)), 1) + " ms, p99 " +
                fixed(in_ms(report.round_trips.quantile(0.99)), 1) + " ms";
    }
    return line;
}

std::string report_text(const Report& report) {
    const Counts& counts = report.counts;
    return "readings: " + of(counts.acknowledged, "acknowledged, ") + of(counts.refused, "refused, ") +
           of(counts.dropped, "dropped, ") + of(counts.left, "left; commands: ") + of(counts.commands, "opened, ") +
           of(counts.commands_refused, "refused") + "\ndevices: " + of(report.devices, "with ") +
           of(counts.connects, "connects, ") + of(report.given_up, "given up; ") + fixed(report.time.count(), 1) +
           " s, " + fixed(per_second(report), 1) + " readings a second acknowledged" +
           "\nround trips: " + times(report.round_trips);
}

std::string report_json(const Report& report) {
    const Counts& counts = report.counts;
    const Json json = {
        {"devices", report.devices},
        {"devices_given_up", report.given_up},
        {"connects", counts.connects},
        {"seconds", report.time.count()},
        {"readings",
         {{"sent", counts.sent},
          {"acknowledged", counts.acknowledged},
          {"refused", counts.refused},
          {"dropped", counts.dropped},
          {"left", counts.left},
          {"acknowledged_per_second", per_second(report)}}},
        {"commands", {{"opened", counts.commands}, {"refused", counts.commands_refused}}},
        {"round_trip_ms", json_times(report.round_trips)},
    };
    return json.dump(2) + "\n";
}

}  // namespace reseal::tools::sim
