// Descriptors that close themselves, and files written whole.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace reseal::tools {

// Owns a descriptor; -1 is none.
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

// Replaces the file at `path` by `bytes`, mode 0600: a temporary file beside it, synced, renamed, the folder synced.
// Throws Failure, also if something other than a regular file stands there.
void write_whole_file(const std::string& path, std::span<const std::uint8_t> bytes);

// Everything up to the end of file. Throws Failure, in which `name` stands for the file.
std::string read_to_end(int descriptor, const std::string& name);

}  // namespace reseal::tools
