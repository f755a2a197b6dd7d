// SPDX-License-Identifier: Apache-2.0
#include "base/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "base/regular_file.h"

namespace reseal {
namespace {

constexpr mode_t group_and_others = 077;

std::string octal(mode_t mode) {
    std::array<char, 8> text{};
    (void)std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777));
    return text.data();
}

Checked<Done> check_status(const std::string& path, const struct stat& status) {
    if (auto regular = check_regular(path, status, false); !regular) {
        return regular;
    }
    if ((status.st_mode & group_and_others) != 0) {
        return file_fault(path,
                          std::string("has mode ") + octal(status.st_mode) + ": users other than its owner may use it",
                          "chmod 600 " + path);
    }
    return Done{};
}

bool write_all(int fd, std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

// The contents under a temporary name beside `path`, on the disk.
Checked<std::string> write_beside(const std::string& path, std::span<const std::uint8_t> bytes,
                                  std::filesystem::perms mode) {
    std::string temporary = path + ".new";
    (void)::unlink(temporary.c_str());  // left behind by a process that was killed
    const Descriptor file(
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));  // NOLINT(*-vararg)
    if (!file) {
        return system_fault(path, "making it", "the folder must exist and be writable");
    }
    // fchmod, because the umask may have narrowed the mode
    if (!write_all(file.get(), bytes) || ::fchmod(file.get(), static_cast<mode_t>(mode)) != 0 ||
        ::fsync(file.get()) != 0) {
        Fault fault = system_fault(path, "writing it", "there must be free space");
        (void)::unlink(temporary.c_str());
        return fault;
    }
    return temporary;
}

}  // namespace

Checked<Descriptor> open_private(const std::string& path) {
    auto file = open_own(path, O_RDONLY);
    struct stat status {};
    if (!file) {
        return file;
    }
    if (::fstat(file->get(), &status) != 0) {
        return system_fault(path, "looking at it", "check the disk");
    }
    const auto checked = check_status(path, status);
    return checked ? std::move(file) : checked.error();
}

Checked<Done> check_private(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return system_fault(path, "opening it", "it must exist and be readable by this user");
    }
    return check_status(path, status);
}

Checked<Done> check_private_folder(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return file_fault(path, "is not a folder", "mkdir -m 700 " + path + ", for the broker's user");
    }
    if ((status.st_mode & group_and_others) != 0) {
        return file_fault(path, "is open to users other than its owner", "chmod 700 " + path);
    }
    return Done{};
}

Checked<Done> replace_file(const std::string& path, std::span<const std::uint8_t> bytes, std::filesystem::perms mode) {
    auto temporary = write_beside(path, bytes, mode);
    if (!temporary) {
        return temporary.error();
    }
    if (::rename(temporary->c_str(), path.c_str()) != 0) {
        Fault fault = system_fault(path, "replacing it", "it must be a file in a writable folder");
        (void)::unlink(temporary->c_str());
        return fault;
    }
    return sync_folder_of(path);
}

Checked<Done> create_file(const std::string& path, std::span<const std::uint8_t> bytes, std::filesystem::perms mode) {
    auto temporary = write_beside(path, bytes, mode);
    if (!temporary) {
        return temporary.error();
    }
    const bool linked = ::link(temporary->c_str(), path.c_str()) == 0;  // unlike rename, never replaces
    Fault fault = linked ? Fault{} : system_fault(path, "making it", "move whatever is there out of the way");
    (void)::unlink(temporary->c_str());
    if (!linked) {
        return fault;
    }
    return sync_folder_of(path);
}

Checked<Done> sync_folder_of(const std::string& path) {
    const std::filesystem::path parent = std::filesystem::path(path).parent_path();
    const std::string folder = parent.empty() ? std::string(".") : parent.string();
    const Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // NOLINT(*-vararg)
    if (!handle || ::fsync(handle.get()) != 0) {
        return system_fault(folder, "writing the folder to the disk", "it must be a folder on a working disk");
    }
    return Done{};
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};  // NOLINT(*-reinterpret-cast)
}

}  // namespace reseal
