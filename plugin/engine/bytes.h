// SPDX-License-Identifier: Apache-2.0
// Bytes in the broker's memory, owned until the broker takes them over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include <reseal/bytes.h>

namespace reseal::engine {

// `text` as the SDK takes it.
inline reseal_bytes sdk_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// The broker's allocator. Any thread may call it.
struct Memory {
    void* (*allocate)(std::size_t size);
    void (*release)(void* memory);
};

// Freed by the destructor, unless release() hands them over. Its address stays when it is moved.
class Bytes {
  public:
    Bytes() = default;
    // `capacity` bytes, none of them in use; null if memory is exhausted.
    Bytes(const Memory& memory, std::size_t capacity)
        : data_(static_cast<std::uint8_t*>(memory.allocate(capacity))), free_(memory.release) {}
    ~Bytes() { reset(); }
    // Leaves the other one without memory.
    Bytes(Bytes&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), free_(other.free_) {}
    // Frees its own memory first, and leaves the other one without.
    Bytes& operator=(Bytes&& other) noexcept {
        if (this != &other) {
            reset();
            data_ = std::exchange(other.data_, nullptr);
            size_ = std::exchange(other.size_, 0);
            free_ = other.free_;
        }
        return *this;
    }
    Bytes(const Bytes&) = delete;
    Bytes& operator=(const Bytes&) = delete;

    explicit operator bool() const { return data_ != nullptr; }  // has memory?
    // The whole capacity; null without memory.
    [[nodiscard]] std::uint8_t* data() { return data_; }
    [[nodiscard]] const std::uint8_t* data() const { return data_; }  // null without memory
    [[nodiscard]] std::size_t size() const { return size_; }          // bytes in use
    // The bytes in use.
    [[nodiscard]] std::span<const std::uint8_t> get() const { return {data_, size_}; }
    void set_size(std::size_t size) { size_ = size; }  // at most the capacity

    // For a broker that takes them over and frees them with the release of the same Memory.
    [[nodiscard]] std::uint8_t* release() {
        size_ = 0;
        return std::exchange(data_, nullptr);
    }
    // Frees the memory now.
    void reset() {
        if (data_ != nullptr) {
            free_(std::exchange(data_, nullptr));
        }
        size_ = 0;
    }

  private:
    std::uint8_t* data_ = nullptr;
    std::size_t size_ = 0;
    void (*free_)(void* memory) = nullptr;
};

}  // namespace reseal::engine
