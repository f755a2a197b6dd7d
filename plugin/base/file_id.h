// SPDX-License-Identifier: Apache-2.0
// Which file a path names, whatever stands in it: another one in its place has another id.
#pragma once

#include <string>

#include <sys/stat.h>

namespace reseal {

struct FileId {
    dev_t device = 0;
    ino_t inode = 0;  // 0: no file

    bool operator==(const FileId&) const = default;
};

inline FileId file_id(const std::string& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 ? FileId{found.st_dev, found.st_ino} : FileId{};
}

inline FileId file_id(int descriptor) {
    struct stat found {};
    return ::fstat(descriptor, &found) == 0 ? FileId{found.st_dev, found.st_ino} : FileId{};
}

}  // namespace reseal
