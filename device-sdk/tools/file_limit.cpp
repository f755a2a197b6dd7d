#include "tools/file_limit.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>

#include "tools/failure.h"

namespace reseal::tools {
namespace {

constexpr std::size_t of_the_process = 64;

}  // namespace

void raise_file_limit(std::size_t files, const std::string& what, const std::string& or_else) {
    const rlim_t wanted = files + of_the_process;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        throw Failure(std::string("limit of open files: ") + std::strerror(errno));
    }
    if (limit.rlim_cur >= wanted) {
        return;
    }
    if (limit.rlim_max < wanted) {
        throw Failure(what + " need " + std::to_string(wanted) + " open files; the limit is " +
                      std::to_string(limit.rlim_max) + ": raise it (ulimit -Hn) or " + or_else);
    }
    limit.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        throw Failure(std::string("limit of open files: ") + std::strerror(errno));
    }
}

}  // namespace reseal::tools
