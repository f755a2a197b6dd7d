// Which devices a command line names, and where the files of each are.
#pragma once

#include <string>
#include <vector>

#include "tools/sim/options.h"

namespace reseal::tools::sim {

// Paths.
struct DeviceFiles {
    std::string credentials;
    std::string state;
    std::string cert;  // empty: the sealed CONNECT proves who connects
    std::string key;
};

// In the order of their names. Throws Failure: there are none, or fewer than asked for, or two of one name, or TLS
// lacks a certificate.
std::vector<DeviceFiles> find_devices(const SimOptions& options);

}  // namespace reseal::tools::sim
