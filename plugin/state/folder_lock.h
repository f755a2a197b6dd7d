// SPDX-License-Identifier: Apache-2.0
// The state folder, held by one process at a time.
#pragma once

#include <string>
#include <utility>

#include "base/descriptor.h"
#include "base/fault.h"

namespace reseal::state {

class FolderLock {
  public:
    // Faults: missing, not writable, in use by another process.
    static Checked<FolderLock> take(const std::string& folder);

    [[nodiscard]] const std::string& folder() const { return folder_; }
    [[nodiscard]] std::string replay() const { return folder_ + "/replay"; }

  private:
    FolderLock(std::string folder, Descriptor handle) : folder_(std::move(folder)), handle_(std::move(handle)) {}

    std::string folder_;
    Descriptor handle_;  // of the folder, not of a file in it: files are replaced
};

}  // namespace reseal::state
