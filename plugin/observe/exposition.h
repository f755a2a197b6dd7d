// SPDX-License-Identifier: Apache-2.0
// The metrics as others read them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "observe/metrics.h"

namespace reseal::observe {

// The text format of Prometheus, version 0.0.4.
std::string prometheus_text(const Metrics& metrics);

// Topics under $SYS/broker/reseal and their values in decimal.
std::vector<std::pair<std::string, std::string>> sys_values(const Metrics& metrics);

}  // namespace reseal::observe
