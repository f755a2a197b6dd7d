// SPDX-License-Identifier: Apache-2.0
// What the main functions of the programs share.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tools/fault.h"

namespace reseal::tools {

// Its exit status, or why it could not do its work.
using Tool = std::function<Checked<int>(const std::vector<std::string>&)>;

/*
 * Runs `tool` with the arguments after the program's name and returns the exit status. A fault becomes one line on
 * stderr, the text of --help goes to stdout. Disables core dumps, which would contain secrets.
 */
int tool_main(const char* name, int argc, char** argv, const Tool& tool) noexcept;

}  // namespace reseal::tools
