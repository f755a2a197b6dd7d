// SPDX-License-Identifier: Apache-2.0
// Detects that files were written or replaced, without reading them.
#pragma once

#include <string>
#include <vector>

#include <sys/stat.h>

namespace reseal {

class FileWatch {
  public:
    // Takes the files as they are now for known. Call it before reading them: what changes meanwhile is then seen.
    void watch(std::vector<std::string> paths);

    // Whether a file is another than the known one, and none has changed since the call before: what is being written
    // is not to be read half. Then the files as they are now are the known ones. A missing file is one that changed.
    // Costs one stat(2) a file; call it about twice a second.
    [[nodiscard]] bool changed();

  private:
    // What stat(2) tells of a file; all zero for none.
    struct Look {
        dev_t device = 0;
        ino_t inode = 0;
        off_t size = 0;
        timespec written{};
        timespec replaced{};  // or renamed, or its mode changed
        bool operator==(const Look& other) const;
    };
    using Looks = std::vector<Look>;

    static Look look_at(const std::string& path);
    [[nodiscard]] Looks look() const;

    std::vector<std::string> paths_;
    Looks known_;
    Looks last_;
};

}  // namespace reseal
