// SPDX-License-Identifier: Apache-2.0
// The result of a run.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "tools/latencies.h"

namespace reseal::tools::sim {

// Of all devices together. At the end every reading is acknowledged, refused, dropped or left.
struct Counts {
    std::uint64_t sent = 0;          // handed to the MQTT client
    std::uint64_t acknowledged = 0;  // with success
    std::uint64_t refused = 0;
    std::uint64_t dropped = 0;  // for lack of room in a device's queue
    std::uint64_t left = 0;     // queued or not acknowledged
    std::uint64_t commands = 0;
    std::uint64_t commands_refused = 0;
    std::uint64_t connects = 0;  // that succeeded

    [[nodiscard]] bool all_well() const { return refused == 0 && dropped == 0 && left == 0; }
};

struct Report {
    std::size_t devices = 0;
    std::size_t connected = 0;
    std::size_t given_up = 0;  // devices that the broker refuses or that cannot continue
    std::chrono::duration<double> time{0};
    Counts counts;
    Latencies round_trips;  // from hand-over to acknowledgement; none at QoS 0
};

// A line for a terminal; `before`: the totals of a second ago.
std::string progress_line(const Report& report, const Counts& before);

// Some lines for people, without a newline at the end.
std::string report_text(const Report& report);

// One object, times in milliseconds; null where there was no round trip.
std::string report_json(const Report& report);

}  // namespace reseal::tools::sim
