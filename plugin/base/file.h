// SPDX-License-Identifier: Apache-2.0
// Files read whole, and what a folder holds.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/fault.h"

namespace reseal {

// The content of a file that the operator names (open_named), of at most `most` bytes. Faults: those of open_named; it
// is larger.
Checked<std::string> read_file(const std::string& path, std::size_t most);

// The same of a file that this program keeps for itself (open_own).
Checked<std::string> read_own_file(const std::string& path, std::size_t most);

// The paths of what is in a folder, in no order. Faults: it cannot be read.
Checked<std::vector<std::string>> list_folder(const std::string& path);

}  // namespace reseal
