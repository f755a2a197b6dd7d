// SPDX-License-Identifier: Apache-2.0
// The command line of reseal-sim.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/options.h"
#include "tools/sim/vital_signs.h"

namespace reseal::tools::sim {

struct SimOptions {
    CommonOptions common;  // its credentials are empty if a folder is given

    // Many devices: the credentials files in this folder and in the folders in it.
    std::string credentials_dir;
    std::string only = "*";   // file names without .json that are taken, as a shell pattern
    std::size_t devices = 0;  // at most this many of them; 0: all

    std::string topic_prefix = "ward/{id}/vitals";  // {id}: the principal
    Layout layout = Layout::vitals;
    PatientSettings patient;
    std::uint64_t seed = 1;

    // Of each device.
    double rate = 4.0;         // readings a second
    std::uint64_t count = 0;   // readings; 0: no end
    int seconds = 0;           // 0: no end
    std::size_t queue = 1024;  // readings kept while there is no connection

    double connect_rate = 100;  // connects a second, of all devices together
    std::string window;         // path of the stored replay windows; empty: in memory
    std::string report;         // path of the report; empty: none
    bool menu = false;
    bool progress = false;
    bool verbose = false;
};

// `arguments` without the program's name. A fault is one of the command line, or the text of --help.
Checked<SimOptions> parse_sim_options(const std::vector<std::string>& arguments);

// `topic` with the principal's name in place of each "{id}".
std::string topic_for(const std::string& topic, const std::string& principal);

}  // namespace reseal::tools::sim
