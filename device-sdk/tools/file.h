// SPDX-License-Identifier: Apache-2.0
// Descriptors that close themselves, and files written whole.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tools/fault.h"

namespace reseal::tools {

// Owns a descriptor; -1 means none.
class Descriptor {
  public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    Descriptor(Descriptor&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
    Descriptor& operator=(Descriptor&&) = delete;

    [[nodiscard]] int get() const { return descriptor_; }

  private:
    int descriptor_;
};

// Replaces the file at `path` with `bytes`, mode 0600: writes and syncs a temporary file beside it, renames it and
// syncs the folder. Refuses a `path` that is something other than a regular file.
Checked<Done> write_whole_file(const std::string& path, std::span<const std::uint8_t> bytes);

Checked<std::string> read_whole_file(const std::string& path);

// Everything up to the end of file. A fault calls the file `name`.
Checked<std::string> read_to_end(int descriptor, const std::string& name);

}  // namespace reseal::tools
