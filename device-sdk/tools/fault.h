// SPDX-License-Identifier: Apache-2.0
// What is wrong, where, and what would be right: why a tool cannot do what it was asked to. Like the plugin's Fault.
#pragma once

#include <string>

#include "tools/result.h"

namespace reseal::tools {

// What the program does about a fault; the number is its exit status.
enum class Ending {
    help = 0,    // none at all: --help was given, and the problem is the text for stdout
    failed = 1,  // the work failed
    misused = 2  // the command line cannot be carried out
};

struct Fault {
    std::string where;    // a file, FILE:LINE, an option, a broker, or the step that failed; empty if none is meant
    std::string problem;  // quotes the value, never a secret
    std::string remedy;   // empty if there is none, or if the problem says it
    Ending ending = Ending::failed;

    // "WHERE: PROBLEM; REMEDY", without the parts that are empty.
    [[nodiscard]] std::string text() const;
};

// "WHERE: REASON", with the operating system's reason. Reads errno.
Fault system_fault(std::string where);

// "WHERE: PROBLEM: REASON". Reads errno.
Fault system_fault(std::string where, const std::string& problem);

// An option that cannot be carried out.
Fault misuse(std::string option, std::string problem);

template <class Value>
using Checked = Result<Value, Fault>;

// For a step that yields nothing but success.
struct Done {};

}  // namespace reseal::tools
