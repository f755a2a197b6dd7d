// SPDX-License-Identifier: Apache-2.0
// For a command line that the program does not understand: what is wrong, and what would be right.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace reseal::admin {

// CLI11's text for `error`, or the part it leaves out: which word was not understood, and the nearest known word (or
// all of them). `app` has just parsed the command line.
std::string explain_misuse(const CLI::App& app, const CLI::ParseError& error);

}  // namespace reseal::admin
