// How many files a process may have open.
#pragma once

#include <cstddef>
#include <string>

namespace reseal::tools {

// Makes room for that many files, including the process's own few. Throws Failure if the system grants less; it says
// that `what` need them, and what else would help.
void raise_file_limit(std::size_t files, const std::string& what, const std::string& or_else);

}  // namespace reseal::tools
