// SPDX-License-Identifier: Apache-2.0
#include "bench/result.h"

#include <nlohmann/json.hpp>

namespace bench {

namespace {

using Json = nlohmann::ordered_json;
using reseal::tools::Latencies;

std::uint64_t wanted(const Options& options, const Load& load) {
    return load.messages * options.subscribers;
}

double per_second(std::uint64_t count, const Phase& phase) {
    return phase.seconds > 0 ? static_cast<double>(count) / phase.seconds : 0;
}

Json settings_of(const Options& options, const Load& load) {
    Json out = {{"mqtt", options.version == 5 ? "5" : "3.1.1"},
                {"qos", load.qos},
                {"login", name_of(options.login)},
                {"sealed", options.seal},
                {"publishers", options.publishers},
                {"subscribers", options.subscribers},
                {"payload_bytes", load.payload},
                {"messages", load.messages},
                {"warm_up", load.warm_up}};
    if (load.rate > 0) {
        out["loop"] = "open";
        out["rate"] = load.rate;
    } else {
        out["loop"] = "closed";
        out["window"] = load.window;
    }
    return out;
}

double microseconds(Latencies::Nanoseconds time) {
    return std::chrono::duration<double, std::micro>(time).count();
}

// Null if there are none.
Json latency_of(const Latencies& latencies) {
    if (latencies.count() == 0) {
        return nullptr;
    }
    Json steps = Json::array();
    for (const auto& step : latencies.steps()) {
        steps.push_back({step.longest.count(), step.count});
    }
    return {{"min", microseconds(latencies.shortest())},     {"p50", microseconds(latencies.quantile(0.5))},
            {"p99", microseconds(latencies.quantile(0.99))}, {"p99_9", microseconds(latencies.quantile(0.999))},
            {"max", microseconds(latencies.longest())},      {"histogram_ns", std::move(steps)}};
}

Json broker_of(const Options& options, const Measured& measured) {
    if (options.broker_pid == 0) {
        return nullptr;
    }
    const double cpu = measured.phase.broker_cpu;
    const auto deliveries = static_cast<double>(measured.phase.matcher.deliveries());
    return {{"pid", options.broker_pid},
            {"cpu_seconds", cpu},
            {"cpu_seconds_per_million_deliveries", deliveries > 0 ? Json(cpu / deliveries * 1e6) : Json()},
            {"rss_kib_before", measured.memory_before.resident},
            {"rss_kib", measured.memory.resident},
            {"anonymous_kib", measured.memory.anonymous}};
}

}  // namespace

std::string result_json(const Options& options, const Measured& measured) {
    const Phase& phase = measured.phase;
    const Matcher& matcher = phase.matcher;
    const std::uint64_t all = wanted(options, measured.load);
    const bool unmatched = options.seal && matcher.deliveries() != all;
    const Json out = {{"format", "reseal-bench/2"},
                      {"settings", settings_of(options, measured.load)},
                      {"seconds", phase.seconds},
                      {"messages_sent", matcher.messages_sent()},
                      {"messages_per_second", per_second(matcher.messages_sent(), phase)},
                      {"all_acknowledged", phase.acknowledged},
                      {"deliveries", matcher.deliveries()},
                      {"deliveries_per_second", per_second(matcher.deliveries(), phase)},
                      {"missing", all - std::min(all, matcher.deliveries())},
                      {"out_of_order", options.seal ? Json() : Json(matcher.disordered())},
                      {"latency_matched_by", options.seal ? "order" : "number"},
                      {"latency_us", unmatched ? Json() : latency_of(matcher.latencies())},
                      {"latency_of_last_us", unmatched ? Json() : latency_of(matcher.last_latencies())},
                      {"broker", broker_of(options, measured)},
                      {"generator", {{"cpu_seconds", phase.generator_cpu}}}};
    return out.dump() + "\n";
}

bool complete(const Options& options, const Measured& measured) {
    return measured.phase.acknowledged && measured.phase.matcher.deliveries() == wanted(options, measured.load);
}

}  // namespace bench
