// SPDX-License-Identifier: Apache-2.0
// The random rows: under load, something happens to the broker at random moments, round by round, and the clients
// continue as ordinary ones do.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "load/faults/events.h"

namespace faults {

struct Row {
    Event event = Event::sigkill;
    Store store = Store::none;
    int qos = 1;
    bool lasting = false;
};

struct Outcome {
    Figures figures;
    std::size_t unopened = 0;      // deliveries that the SDK's receiver did not open
    std::size_t broken_files = 0;  // starts for which the broker's persistence file had to be removed
    std::string stopped;           // why it did not run to the end; empty if it did
};

struct Storm {
    Row row;
    std::size_t rounds = 0;
    Outcome without;
    Outcome with;
};

// Every event, both QoS, clean and lasting sessions; kill -9 and SIGTERM with and without a persistence file.
std::vector<Row> all_rows();
// Plays a row on both sides with the same moments.
Storm at_random_moments(Hospital& hospital, const Row& row, std::size_t rounds, unsigned seed);

}  // namespace faults
