// SPDX-License-Identifier: Apache-2.0
// reseal-micro: what the steps of a message cost, compared with bare OpenSSL. The options are Google Benchmark's
// (--help).
#include <benchmark/benchmark.h>

#include "benchmarks.h"

int main(int count, char** arguments) {
    reseal::micro::register_messages();
    reseal::micro::register_receiving();
    reseal::micro::register_together();
    reseal::micro::register_decisions();
    reseal::micro::register_budgets();
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
