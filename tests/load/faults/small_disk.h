// SPDX-License-Identifier: Apache-2.0
// A folder on its own file system, which can be filled up.
#pragma once

#include <cstddef>
#include <string>

namespace faults {

class SmallDisk {
  public:
    // Mounts it over the folder `path`, in memory; throws if that is not allowed.
    SmallDisk(std::string path, std::size_t bytes);
    ~SmallDisk();
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    // Whether this process may mount anything.
    static bool available();
    // Takes all remaining space, and gives it back.
    void fill() const;
    void clear() const;

  private:
    [[nodiscard]] std::string ballast() const { return path_ + "/ballast"; }

    std::string path_;
};

}  // namespace faults
