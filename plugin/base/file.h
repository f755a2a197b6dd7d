// Files read whole.
#pragma once

#include <cstddef>
#include <string>

#include "base/fault.h"

namespace reseal {

// The content of a regular file of at most `most` bytes; Faults: missing, not readable, not regular, larger.
Checked<std::string> read_file(const std::string& path, std::size_t most);

}  // namespace reseal
