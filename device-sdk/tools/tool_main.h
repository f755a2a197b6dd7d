// What the main functions of the programs share.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace reseal::tools {

using Tool = std::function<int(const std::vector<std::string>&)>;

/*
 * Runs `tool` with the arguments after the program's name. Turns what it throws into one line on stderr and an exit
 * status: Failure 1, UsageError 2; the text of --help goes to stdout, status 0. Disables core dumps, which would
 * contain secrets.
 */
int tool_main(const char* name, int argc, char** argv, const Tool& tool) noexcept;

}  // namespace reseal::tools
