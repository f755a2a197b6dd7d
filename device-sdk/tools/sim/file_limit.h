// How many files a process may have open.
#pragma once

#include <cstddef>

namespace reseal::tools::sim {

// Makes room for the sockets and epoch files of so many devices. Throws Failure if the system grants less.
void raise_file_limit(std::size_t devices);

}  // namespace reseal::tools::sim
