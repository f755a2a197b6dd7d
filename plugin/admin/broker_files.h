// SPDX-License-Identifier: Apache-2.0
// The files of the broker's own configuration.
#pragma once

#include <string>
#include <vector>

#include "base/fault.h"
#include "config/broker_setup.h"

namespace reseal::admin {

// The settings of mosquitto.conf at `path` and of the files that it includes, in the order in which the broker reads
// them. Faults: those of reading a file; a folder under include_dir that cannot be read.
Checked<std::vector<config::BrokerLine>> read_broker_files(const std::string& path);

}  // namespace reseal::admin
