// SPDX-License-Identifier: Apache-2.0
#include "base/regular_file.h"

#include <cerrno>

#include "base/fault.h"

namespace reseal {
namespace {

// Neither waits for the other end of a FIFO nor takes a terminal.
constexpr int always = O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
constexpr mode_t private_mode = 0600;

const char* kind_of(mode_t mode) {
    return S_ISLNK(mode)    ? "is a symbolic link"
           : S_ISDIR(mode)  ? "is a folder"
           : S_ISFIFO(mode) ? "is a FIFO"
           : S_ISSOCK(mode) ? "is a socket"
                            : "is a device";
}

// A FIFO or a socket may be what cannot be opened, and why.
Fault cannot_open(const std::string& path, int flags) {
    const int reason = errno;
    struct stat status {};
    const bool follows = (flags & O_NOFOLLOW) == 0;
    if ((follows ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status)) == 0) {
        if (const auto regular = check_regular(path, status, false); !regular) {
            return regular.error();
        }
    }
    if (reason == ENOENT) {
        return file_fault(path, "there is no such file", "check the path");
    }
    errno = reason;
    const bool written = (flags & O_ACCMODE) != O_RDONLY;
    return system_fault(path, "opening it",
                        written ? "it must be a file that this user can write" : "it must be readable by this user");
}

Checked<Descriptor> open_checked(const std::string& path, int flags) {
    Descriptor file(::open(path.c_str(), flags | always, private_mode));  // NOLINT(*-vararg)
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return cannot_open(path, flags);
    }
    const bool one_name = (flags & O_NOFOLLOW) != 0 && (flags & O_ACCMODE) != O_RDONLY;
    const auto regular = check_regular(path, status, one_name);
    return regular ? Checked<Descriptor>(std::move(file)) : regular.error();
}

}  // namespace

Checked<Done> check_regular(const std::string& path, const struct stat& status, bool one_name) {
    if (!S_ISREG(status.st_mode)) {
        return file_fault(path, kind_of(status.st_mode), "it must be a regular file");
    }
    if (one_name && status.st_nlink > 1) {
        return file_fault(path, "has a second name (a hard link)", "put a copy in its place");
    }
    return Done{};
}

Checked<Descriptor> open_named(const std::string& path) {
    return open_checked(path, O_RDONLY);
}

Checked<Descriptor> open_own(const std::string& path, int flags) {
    return open_checked(path, flags | O_NOFOLLOW);
}

Checked<Descriptor> open_own_if_there(const std::string& path, int flags) {
    struct stat status {};
    const bool missing = ::lstat(path.c_str(), &status) != 0 && errno == ENOENT;
    return missing ? Checked<Descriptor>(Descriptor()) : open_own(path, flags);
}

}  // namespace reseal
