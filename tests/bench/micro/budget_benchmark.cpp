// SPDX-License-Identifier: Apache-2.0
// What it costs to check a message against its principal's budget, reading the clock included.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>

#include "benchmarks.h"
#include "engine/spending.h"

namespace reseal::micro {
namespace {

void admit(benchmark::State& state) {
    engine::Spending spending;
    const budget::Limits limits;
    for (auto _ : state) {
        const auto now = std::chrono::steady_clock::now().time_since_epoch();
        benchmark::DoNotOptimize(spending.publish(limits.principal, 100, std::chrono::nanoseconds(now).count()));
    }
}

}  // namespace

void register_budgets() {
    benchmark::RegisterBenchmark("budget", admit);
}

}  // namespace reseal::micro
