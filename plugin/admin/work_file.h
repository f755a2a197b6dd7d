// SPDX-License-Identifier: Apache-2.0
// An SQLite file that is needed for a moment.
#pragma once

#include <unistd.h>

#include <string>
#include <utility>

namespace reseal::admin {

// The destructor removes it, with its journal.
class WorkFile {
  public:
    explicit WorkFile(std::string path) : path_(std::move(path)), journal_(path_ + "-journal") {}
    ~WorkFile() {
        (void)::unlink(path_.c_str());
        (void)::unlink(journal_.c_str());
    }
    WorkFile(const WorkFile&) = delete;
    WorkFile& operator=(const WorkFile&) = delete;
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
    std::string journal_;
};

}  // namespace reseal::admin
