// SPDX-License-Identifier: Apache-2.0
// Other plugins of the broker. It asks them in the order of mosquitto.conf, and the first one that answers decides.
#pragma once

#include <string>
#include <vector>

namespace reseal::broker {

// The file of the library or program in which `address` lies.
std::string file_of(const void* address);

// The files of plugins that this process had loaded before the library that `own` lies in. Call it while the broker
// loads that library: those are the plugins that are asked first.
std::vector<std::string> plugins_before(const void* own);

// Those of `loaded` (paths) whose file name `allowed` does not have.
std::vector<std::string> not_allowed(const std::vector<std::string>& loaded, const std::vector<std::string>& allowed);

}  // namespace reseal::broker
