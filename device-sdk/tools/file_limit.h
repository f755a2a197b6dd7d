// How many files a process may have open.
#pragma once

#include <cstddef>
#include <string>

namespace reseal::tools {

// Makes room for so many files, the process's own few among them. Throws Failure if the system grants less, which says
// that `what` need them, and what else would help.
void raise_file_limit(std::size_t files, const std::string& what, const std::string& or_else);

}  // namespace reseal::tools
