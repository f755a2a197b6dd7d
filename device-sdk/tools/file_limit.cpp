// SPDX-License-Identifier: Apache-2.0
#include "tools/file_limit.h"

#include <sys/resource.h>

namespace reseal::tools {
namespace {

constexpr std::size_t of_the_process = 64;

}  // namespace

Checked<Done> raise_file_limit(std::size_t files, const std::string& what, const std::string& or_else) {
    const rlim_t wanted = files + of_the_process;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return system_fault("limit of open files");
    }
    if (limit.rlim_cur >= wanted) {
        return Done{};
    }
    if (limit.rlim_max < wanted) {
        return Fault{.problem = what + " need " + std::to_string(wanted) + " open files; the limit is " +
                                std::to_string(limit.rlim_max) + ": raise it (ulimit -Hn) or " + or_else};
    }
    limit.rlim_cur = wanted;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? Checked<Done>(Done{}) : system_fault("limit of open files");
}

}  // namespace reseal::tools
