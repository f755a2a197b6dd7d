// SPDX-License-Identifier: Apache-2.0
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

// In order of their names. Refuses none or fewer than asked for, two of the same name, and TLS without a certificate.
Checked<std::vector<DeviceFiles>> find_devices(const SimOptions& options);

}  // namespace reseal::tools::sim
