// SPDX-License-Identifier: Apache-2.0
// The result of a run, as JSON.
#pragma once

#include <string>

#include "bench/broker_process.h"
#include "bench/engine.h"
#include "bench/options.h"

namespace bench {

// One measurement. The broker's memory counts only if it was watched.
struct Measured {
    Load load;
    Phase phase;
    Memory memory_before;  // before the warm-up
    Memory memory;         // afterwards
};

// One object on one line. Latencies are in microseconds; they are null if there are none, or if sealed deliveries were
// lost, which makes matching impossible.
std::string result_json(const Options& options, const Measured& measured);

// Everything was sent, delivered to every subscriber, and acknowledged.
bool complete(const Options& options, const Measured& measured);

}  // namespace bench
