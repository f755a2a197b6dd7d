// SPDX-License-Identifier: Apache-2.0
// What a decision costs: with more rules, with more principals, and for each copy of a fan-out.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "benchmarks.h"
#include "policy/asked_topic.h"
#include "policy/known_rules.h"
#include "policy/policy.h"
#include "policy/split_topic.h"

namespace reseal::micro {
namespace {

using policy::Acl;
using policy::AskedTopic;
using policy::Grants;
using policy::KnownRules;
using policy::Policy;
using policy::Rights;
using policy::Rule;

// One role with `count` rules: most name their own ward, some have wildcards, a tenth are denials.
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

// Made once: it takes longer than all rounds of a benchmark.
const std::vector<Rights>& rights_of(std::int64_t rules, std::size_t principals) {
    static std::map<std::pair<std::int64_t, std::size_t>, std::vector<Rights>> made;
    std::vector<Rights>& out = made[{rules, principals}];
    if (out.empty()) {
        const Policy policy(acl_of(rules));
        for (std::size_t i = 0; i < principals; ++i) {
            const std::string id = "pump-" + std::to_string(i);
            out.push_back(policy.rights(id, {"staff"}, id));
        }
    }
    return out;
}

// With this many rules and principals, of whom this many send in turn, far from each other in memory. If all of them
// send, every decision is a cache miss. The topic is cached, as in a broker that has just read it: it is written before
// the clock starts.
void decide(benchmark::State& state) {
    constexpr std::size_t batch = 1024;
    const auto count = static_cast<std::size_t>(state.range(1));
    const auto sending = static_cast<std::size_t>(state.range(2));
    const std::vector<Rights>& rights = rights_of(state.range(0), count);
    std::vector<std::size_t> who(batch);
    std::vector<std::string> topics(batch);
    std::size_t decisions = 0;
    while (state.KeepRunningBatch(batch)) {
        state.PauseTiming();
        for (std::size_t i = 0; i < batch; ++i) {
            who[i] = ++decisions % sending * 2654435761U % count;
            topics[i] = "ward/pump-" + std::to_string(who[i]) + "/vitals/pulse";
        }
        state.ResumeTiming();
        for (std::size_t i = 0; i < batch; ++i) {
            benchmark::DoNotOptimize(rights[who[i]].publish(topics[i], {.now = 1, .qos = 1, .size = 100}));
        }
    }
}

// One copy of a fan-out to a thousand subscribers of one role, which has this many rules: whether it may be delivered.
// `known`: with policy::KnownRules, as the engine asks.
void decide_delivery(benchmark::State& state) {
    constexpr std::size_t subscribers = 1000;
    Acl acl;
    for (std::int64_t i = 0; i < state.range(0); ++i) {
        const std::string ward = "ward" + std::to_string(i);
        acl.roles["staff"].deliver.push_back(Rule{ward + (i % 3 == 0 ? "/+/pulse" : "/#"), false, {}, {}});
    }
    const Policy policy(acl);
    std::vector<Rights> rights;
    for (std::size_t i = 0; i < subscribers; ++i) {
        const std::string id = "display-" + std::to_string(i);
        rights.push_back(policy.rights(id, {"staff"}, id));
    }
    KnownRules known;
    const std::string name = "ward1/pump-1/vitals/pulse";
    const AskedTopic alone(name);
    const AskedTopic remembered(name, known);
    const AskedTopic& topic = state.range(1) != 0 ? remembered : alone;
    std::size_t next = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(rights[next++ % subscribers].deliver(topic, {.now = 1, .size = 100}));
    }
}

void split(benchmark::State& state) {
    const std::string name = "ward1/pump-1/vitals/pulse";
    for (auto _ : state) {
        const policy::SplitTopic topic(name);
        benchmark::DoNotOptimize(&topic);
        benchmark::ClobberMemory();
    }
}

}  // namespace

void register_decisions() {
    benchmark::RegisterBenchmark("acl_decision", decide)
        ->ArgNames({"rules", "principals", "sending"})
        ->Args({10, 1000, 1000})
        ->Args({10000, 1000, 1000})
        ->Args({10000, 1000000, 1000})
        ->Args({10000, 1000000, 1000000});
    benchmark::RegisterBenchmark("acl_delivery", decide_delivery)
        ->ArgNames({"rules", "known"})
        ->ArgsProduct({{1, 10, 10000}, {0, 1}});
    benchmark::RegisterBenchmark("topic_split", split);
}

}  // namespace reseal::micro
