#include "tools/sim/file_limit.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "tools/failure.h"

namespace reseal::tools::sim {
namespace {

// A socket, libmosquitto's pair of sockets, the epoch's folder and lock, the window's folder and lock.
constexpr std::size_t of_a_device = 7;
constexpr std::size_t of_the_process = 64;

}  // namespace

void raise_file_limit(std::size_t devices) {
    const rlim_t wanted = devices * of_a_device + of_the_process;
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        throw Failure(std::string("limit of open files: ") + std::strerror(errno));
    }
    if (limit.rlim_cur >= wanted) {
        return;
    }
    if (limit.rlim_max < wanted) {
        throw Failure(std::to_string(devices) + " devices need " + std::to_string(wanted) +
                      " open files; the limit is " + std::to_string(limit.rlim_max) +
                      ": raise it (ulimit -Hn) or use --devices");
    }
    limit.rlim_cur = wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
        throw Failure(std::string("limit of open files: ") + std::strerror(errno));
    }
}

}  // namespace reseal::tools::sim
