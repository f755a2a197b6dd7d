// SPDX-License-Identifier: Apache-2.0
// What is wrong, where, and what would be right: how configuration and file errors meet people.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace reseal {

struct Fault {
    std::string file;     // path as the operator wrote it; empty if no file is meant
    int line = 0;         // from 1; 0 if unknown
    std::string key;      // e.g. "roles.nurse.deliver[2]"; empty if none
    std::string problem;  // e.g. "'ward/#/x' is not a topic filter"; quotes the value, never a secret
    std::string remedy;   // e.g. "'#' may stand only at the end"

    // "FILE:LINE: KEY: PROBLEM; REMEDY", without the parts that are empty.
    [[nodiscard]] std::string text() const;
};

// "PATH: PROBLEM; REMEDY"
Fault file_fault(std::string path, std::string problem, std::string remedy);

// The same with the operating system's reason: "PATH: ACTION failed: REASON; REMEDY". Reads errno.
Fault system_fault(std::string path, std::string_view action, std::string remedy);

template <class Value>
using Checked = Result<Value, Fault>;

// For a step that yields nothing but success.
struct Done {};

}  // namespace reseal
