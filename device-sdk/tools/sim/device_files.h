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
    std::string cert;  // empty: the sealed CONNECT proves the identity
    std::string key;
};

// In order of their names. Throws Failure if there are none or fewer than asked for, if two have the same name, or if
// TLS lacks a certificate.
std::vector<DeviceFiles> find_devices(const SimOptions& options);

}  // namespace reseal::tools::sim
