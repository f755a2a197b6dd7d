#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "base/descriptor.h"

namespace reseal {

namespace {

Fault fault(const std::string& path, std::string problem, std::string remedy) {
    return {.file = path, .line = 0, .key = {}, .problem = std::move(problem), .remedy = std::move(remedy)};
}

// How many bytes were read; nothing if that failed.
std::optional<std::size_t> append_some(int file, std::string& out) {
    constexpr std::size_t chunk = std::size_t{1} << 16U;
    const std::size_t before = out.size();
    out.resize(before + chunk);
    const ssize_t size = ::read(file, &out[before], chunk);
    out.resize(before + (size > 0 ? static_cast<std::size_t>(size) : 0));
    return size < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(size));
}

}  // namespace

// A pipe in the place of the file would keep whoever opens it waiting.
Checked<std::string> read_file(const std::string& path, std::size_t most) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));  // NOLINT(*-vararg)
    if (!file && errno == ENOENT) {
        return fault(path, "there is no such file", "check the path");
    }
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return fault(path, std::string("cannot be read: ") + std::strerror(errno),
                     "make it readable for the user that the broker runs as");
    }
    if (!S_ISREG(status.st_mode)) {
        return fault(path, "this is no regular file", "name a file");
    }
    std::string out;
    for (std::size_t size = 1; size > 0 && out.size() <= most;) {
        const auto read = append_some(file.get(), out);
        if (!read) {
            return fault(path, "an error occurred while reading", "check the disk");
        }
        size = *read;
    }
    if (out.size() > most) {
        return fault(path, "it is larger than " + std::to_string(most) + " bytes", "check that it is the right file");
    }
    return out;
}

}  // namespace reseal
