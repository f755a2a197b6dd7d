// SPDX-License-Identifier: Apache-2.0
#include "base/fault.h"

#include <cerrno>
#include <system_error>
#include <utility>

namespace reseal {

std::string Fault::text() const {
    std::string out;
    if (!file.empty()) {
        out += file;
        if (line > 0) {
            out += ':' + std::to_string(line);
        }
        out += ": ";
    }
    if (!key.empty()) {
        out += key + ": ";
    }
    out += problem;
    if (!remedy.empty()) {
        out += "; " + remedy;
    }
    return out;
}

Fault file_fault(std::string path, std::string problem, std::string remedy) {
    return {std::move(path), 0, {}, std::move(problem), std::move(remedy)};
}

Fault system_fault(std::string path, std::string_view action, std::string remedy) {
    const std::string reason = std::generic_category().message(errno);
    return file_fault(std::move(path), std::string(action) + " failed: " + reason, std::move(remedy));
}

}  // namespace reseal
