// A folder on a file system of its own, which can be filled up.
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

    // May this process mount anything?
    static bool available();
    // Takes all the room that is left, and gives it back.
    void fill() const;
    void clear() const;

  private:
    [[nodiscard]] std::string ballast() const { return path_ + "/ballast"; }

    std::string path_;
};

}  // namespace faults
