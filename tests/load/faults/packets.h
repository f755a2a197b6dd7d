// SPDX-License-Identifier: Apache-2.0
// The deterministic rows: each publisher is stopped at a certain packet of the exchange, then something happens to its
// connection or the broker, then all continue as ordinary clients do.
#pragma once

#include <string>
#include <vector>

#include "load/faults/trial.h"

namespace faults {

// Every connection of a publisher is cut, or the broker ends.
enum class Fault : std::uint8_t { cut, sigterm, sigkill };

struct Case {
    int qos = 1;
    bool lasting = false;
    Packet packet = Packet::last;
};

// Both sides of a case.
struct Compared {
    Case of;
    Figures without;
    Figures with;
};

// Every packet at both QoS, with clean and lasting sessions, MQTT 3.1.1 and 5.
std::vector<Compared> at_every_packet(Hospital& hospital, Fault fault, Store store);

std::string in_words(const Case& of);
std::string in_words(Fault fault);
std::string in_words(Store store);

}  // namespace faults
