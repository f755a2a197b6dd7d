// SPDX-License-Identifier: Apache-2.0
// For tests: what is in the core dump of a process. Needs a kernel that writes dumps into the working folder, under a
// name that begins with "core", as it does by default (/proc/sys/kernel/core_pattern). Not with sanitizers, see
// forbid_core_dumps().
#pragma once

#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace reseal {

inline bool kernel_writes_core_dumps() {
#ifdef __SANITIZE_ADDRESS__
    return false;
#endif
    std::string pattern;
    std::getline(std::ifstream("/proc/sys/kernel/core_pattern"), pattern);
    return pattern.starts_with("core");
}

// Of this process and of those that it starts.
inline void allow_core_dumps() {
    rlimit limit{};
    (void)::getrlimit(RLIMIT_CORE, &limit);
    limit.rlim_cur = limit.rlim_max;
    (void)::setrlimit(RLIMIT_CORE, &limit);
}

// The one in `folder`; empty if there is none.
inline std::string core_dump_in(const std::string& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with("core")) {
            std::ifstream file(entry.path(), std::ios::binary);
            return {std::istreambuf_iterator<char>(file), {}};
        }
    }
    return {};
}

}  // namespace reseal
