// What a decision costs: with more rules, with more principals. Run it by hand; nothing asserts its figures.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "policy/policy.h"

namespace reseal::policy {
namespace {

// One role with `count` rules: most name a ward of their own, some have wildcards, a tenth denies.
Acl acl_of(std::int64_t count) {
    Acl acl;
    Grants& staff = acl.roles["staff"];
    const auto rule = [](std::string pattern) { return Rule{std::move(pattern), false, {}, {}}; };
    staff.publish = {rule("ward/{id}/#"), rule("ward/+/alarm")};
    for (std::int64_t i = 2; i < count; ++i) {
        const std::string ward = "ward" + std::to_string(i);
        if (i % 10 == 0) {
            staff.deny.publish.push_back(rule("ward/" + ward + "/secret/#"));
        } else {
            staff.publish.push_back(rule(i % 3 == 0 ? "ward/" + ward + "/+/pulse" : ward + "/{id}/vitals/#"));
        }
    }
    return acl;
}

// Rules, principals: each decision is another principal's, picked at random, so that caches do not help.
void decide(benchmark::State& state) {
    const Policy policy(acl_of(state.range(0)));
    std::vector<Rights> rights;
    std::vector<std::string> topics;
    for (std::int64_t i = 0; i < state.range(1); ++i) {
        const std::string id = "pump-" + std::to_string(i);
        rights.push_back(policy.rights(id, {"staff"}, id));
        topics.push_back("ward/" + id + "/vitals/pulse");
    }
    std::mt19937 random(1);
    std::vector<std::uint32_t> order(1U << 16U);
    for (std::uint32_t& each : order) {
        each = static_cast<std::uint32_t>(random() % rights.size());
    }
    std::size_t next = 0;
    for (auto _ : state) {
        const std::uint32_t who = order[next++ % order.size()];
        benchmark::DoNotOptimize(rights[who].publish(topics[who], {.now = 1, .qos = 1, .size = 100}));
    }
}

BENCHMARK(decide)->ArgNames({"rules", "principals"})->Args({10, 1})->Args({10000, 1})->Args({10000, 1000});
BENCHMARK(decide)->ArgNames({"rules", "principals"})->Args({10, 1000000})->Args({10000, 1000000});

}  // namespace
}  // namespace reseal::policy

BENCHMARK_MAIN();
