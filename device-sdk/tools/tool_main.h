// What the main functions of the three programs have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace reseal::tools {

using Tool = std::function<int(const std::vector<std::string>&)>;

/*
 * Runs `tool` with the arguments behind the program's name and turns what it throws into one line on stderr and an exit
 * status: Failure 1, UsageError 2; the text of --help goes to stdout, status 0. Leaves no core dump with secrets in it.
 */
int tool_main(const char* name, int argc, char** argv, const Tool& tool) noexcept;

}  // namespace reseal::tools
