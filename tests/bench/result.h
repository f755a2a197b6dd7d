// What a run came to, as JSON.
#pragma once

#include <string>

#include "bench/broker_process.h"
#include "bench/engine.h"
#include "bench/options.h"

namespace bench {

// One object, with a newline behind it. Latencies are in microseconds; they are null if there are none, or if sealed
// deliveries were lost, which cannot be matched any more. `memory` counts only if the broker was watched.
std::string result_json(const Options& options, const Phase& phase, const Memory& memory);

// Everything was sent, delivered to every subscriber, and acknowledged.
bool complete(const Options& options, const Phase& phase);

}  // namespace bench
