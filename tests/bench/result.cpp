#include "bench/result.h"

#include <nlohmann/json.hpp>

namespace bench {

namespace {

using Json = nlohmann::ordered_json;
using reseal::tools::Latencies;

std::uint64_t wanted(const Options& options) {
    return options.messages * options.subscribers;
}

double per_second(std::uint64_t count, const Phase& phase) {
    return phase.seconds > 0 ? static_cast<double>(count) / phase.seconds : 0;
}

Json settings_of(const Options& options) {
    Json out = {{"mqtt", options.version == 5 ? "5" : "3.1.1"},
                {"qos", options.qos},
                {"login", name_of(options.login)},
                {"sealed", options.seal},
                {"publishers", options.publishers},
                {"subscribers", options.subscribers},
                {"payload_bytes", options.payload},
                {"messages", options.messages},
                {"warm_up", options.warm_up}};
    if (options.rate > 0) {
        out["loop"] = "open";
        out["rate"] = options.rate;
    } else {
        out["loop"] = "closed";
        out["window"] = options.window;
    }
    return out;
}

double microseconds(Latencies::Nanoseconds time) {
    return std::chrono::duration<double, std::micro>(time).count();
}

Json latency_of(const Options& options, const Phase& phase) {
    const Latencies& latencies = phase.matcher.latencies();
    const bool unmatched = options.seal && !phase.matcher.all_received();
    if (latencies.count() == 0 || unmatched) {
        return nullptr;
    }
    return {{"min", microseconds(latencies.shortest())},     {"p50", microseconds(latencies.quantile(0.5))},
            {"p99", microseconds(latencies.quantile(0.99))}, {"p99_9", microseconds(latencies.quantile(0.999))},
            {"max", microseconds(latencies.longest())},      {"matched_by", options.seal ? "order" : "number"}};
}

Json broker_of(const Options& options, const Phase& phase, const Memory& memory) {
    if (options.broker_pid == 0) {
        return nullptr;
    }
    const auto deliveries = static_cast<double>(phase.matcher.deliveries());
    return {{"pid", options.broker_pid},
            {"cpu_seconds", phase.broker_cpu},
            {"cpu_seconds_per_million_deliveries", deliveries > 0 ? Json(phase.broker_cpu / deliveries * 1e6) : Json()},
            {"rss_kib", memory.resident},
            {"anonymous_kib", memory.anonymous}};
}

}  // namespace

std::string result_json(const Options& options, const Phase& phase, const Memory& memory) {
    const Matcher& matcher = phase.matcher;
    const Json out = {{"format", "reseal-bench/1"},
                      {"settings", settings_of(options)},
                      {"seconds", phase.seconds},
                      {"messages_sent", matcher.messages_sent()},
                      {"messages_per_second", per_second(matcher.messages_sent(), phase)},
                      {"all_acknowledged", phase.acknowledged},
                      {"deliveries", matcher.deliveries()},
                      {"deliveries_per_second", per_second(matcher.deliveries(), phase)},
                      {"missing", wanted(options) - std::min(wanted(options), matcher.deliveries())},
                      {"out_of_order", options.seal ? Json() : Json(matcher.disordered())},
                      {"latency_us", latency_of(options, phase)},
                      {"broker", broker_of(options, phase, memory)},
                      {"generator", {{"cpu_seconds", phase.generator_cpu}}}};
    return out.dump(2) + "\n";
}

bool complete(const Options& options, const Phase& phase) {
    return phase.acknowledged && phase.matcher.deliveries() == wanted(options);
}

}  // namespace bench
