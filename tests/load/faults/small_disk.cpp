// SPDX-License-Identifier: Apache-2.0
#include "load/faults/small_disk.h"

#include <array>
#include <stdexcept>

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

namespace faults {

SmallDisk::SmallDisk(std::string path, std::size_t bytes) : path_(std::move(path)) {
    const std::string options = "mode=0700,size=" + std::to_string(bytes);
    if (mount("tmpfs", path_.c_str(), "tmpfs", 0, options.c_str()) != 0) {
        throw std::runtime_error("cannot mount a file system over " + path_);
    }
}

SmallDisk::~SmallDisk() {
    umount2(path_.c_str(), MNT_DETACH);
}

bool SmallDisk::available() {
    std::string path = "/tmp/reseal-disk-XXXXXX";
    if (geteuid() != 0 || mkdtemp(path.data()) == nullptr) {
        return false;
    }
    const bool out = mount("tmpfs", path.c_str(), "tmpfs", 0, "size=4096") == 0;
    umount2(path.c_str(), MNT_DETACH);
    rmdir(path.c_str());
    return out;
}

void SmallDisk::fill() const {
    const int file = open(ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    static constexpr std::array<char, 4096> some{};
    while (write(file, some.data(), some.size()) > 0) {
    }
    close(file);
}

void SmallDisk::clear() const {
    unlink(ballast().c_str());
}

}  // namespace faults
