// SPDX-License-Identifier: Apache-2.0
// What happens to a broker under load.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "load/faults/trial.h"

namespace faults {

enum class Event : std::uint8_t {
    sigkill,
    sigterm,
    sighup,         // it reads its configuration again
    clock,          // its wall clock is set, back and forward
    clock_sigkill,  // it is killed, and starts at another time
    disk,           // the disk is full for a while
    disk_sigkill,   // the disk is full, then it is killed; there is room when it starts
};

std::string in_words(Event event);
// Why this event cannot be caused here; empty if it can.
std::string left_out(Event event);
// The terms that the event needs, in addition to `terms`.
Terms with_means(Terms terms, Event event);

using Random = std::mt19937;
// Causes it once, immediately. Meanwhile every connected client is working, with this many messages in flight.
void befall(Trial& trial, Event event, std::size_t window, Random& random);

}  // namespace faults
