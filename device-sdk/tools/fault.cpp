// SPDX-License-Identifier: Apache-2.0
#include "tools/fault.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace reseal::tools {

std::string Fault::text() const {
    std::string out = where.empty() ? problem : where + ": " + problem;
    if (!remedy.empty()) {
        out += "; " + remedy;
    }
    return out;
}

Fault system_fault(std::string where) {
    return {std::move(where), std::strerror(errno)};
}

Fault system_fault(std::string where, const std::string& problem) {
    return {std::move(where), problem + ": " + std::strerror(errno)};
}

Fault misuse(std::string option, std::string problem) {
    return {std::move(option), std::move(problem), {}, Ending::misused};
}

}  // namespace reseal::tools
