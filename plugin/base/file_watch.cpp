// SPDX-License-Identifier: Apache-2.0
#include "base/file_watch.h"

#include <utility>

namespace reseal {

namespace {

bool same(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

bool FileWatch::Look::operator==(const Look& other) const {
    return device == other.device && inode == other.inode && size == other.size && same(written, other.written) &&
           same(replaced, other.replaced);
}

FileWatch::Look FileWatch::look_at(const std::string& path) {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) {
        return {};
    }
    return {.device = found.st_dev,
            .inode = found.st_ino,
            .size = found.st_size,
            .written = found.st_mtim,
            .replaced = found.st_ctim};
}

FileWatch::Looks FileWatch::look() const {
    Looks looks;
    looks.reserve(paths_.size());
    for (const std::string& path : paths_) {
        looks.push_back(look_at(path));
    }
    return looks;
}

void FileWatch::watch(std::vector<std::string> paths) {
    paths_ = std::move(paths);
    known_ = look();
    last_ = known_;
}

bool FileWatch::changed() {
    const Looks before = std::exchange(last_, look());
    if (last_ != before || last_ == known_) {
        return false;
    }
    known_ = last_;
    return true;
}

}  // namespace reseal
