// SPDX-License-Identifier: Apache-2.0
// The only place where a reading is in clear: memory that is locked, left out of core dumps and wiped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace reseal::engine {

class Plaintext {
  public:
    Plaintext() = default;
    ~Plaintext();
    Plaintext(const Plaintext&) = delete;
    Plaintext& operator=(const Plaintext&) = delete;

    // Wipes the plaintext and makes room for `size` bytes. False if memory is exhausted.
    [[nodiscard]] bool reserve(std::size_t size);

    // Declares that the first `size` bytes of the room are now the plaintext.
    void set_size(std::size_t size) { size_ = size; }

    [[nodiscard]] std::uint8_t* room() { return data_; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

    void wipe();

  private:
    void release();

    std::uint8_t* data_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t size_ = 0;
};

}  // namespace reseal::engine
