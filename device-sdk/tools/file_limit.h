// SPDX-License-Identifier: Apache-2.0
// How many files a process may have open.
#pragma once

#include <cstddef>
#include <string>

#include "tools/fault.h"

namespace reseal::tools {

// Makes room for that many files, including the process's own few. If the system grants less, the fault
// says that `what` need them, and what else would help.
Checked<Done> raise_file_limit(std::size_t files, const std::string& what, const std::string& or_else);

}  // namespace reseal::tools
