// SPDX-License-Identifier: Apache-2.0
// Memory for many small arrays, without bookkeeping for each. Memory that is given back is wiped and reused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace reseal::keyring {

class BlockStore {
  public:
    BlockStore() = default;
    BlockStore(BlockStore&&) noexcept = default;
    BlockStore& operator=(BlockStore&&) noexcept = default;
    BlockStore(const BlockStore&) = delete;
    BlockStore& operator=(const BlockStore&) = delete;
    // Wipes everything that was ever handed out.
    ~BlockStore();

    // A copy of `from`, valid until it is given back. An empty array takes no memory.
    template <class T>
    [[nodiscard]] std::span<const T> copy(std::span<const T> from) {
        static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= alignment);
        T* const to = static_cast<T*>(allocate(from.size_bytes()));
        std::uninitialized_copy(from.begin(), from.end(), to);
        return {to, from.size()};
    }

    // `array`: made by copy().
    template <class T>
    void give_back(std::span<const T> array) {
        release(const_cast<T*>(array.data()), array.size_bytes());  // NOLINT(*-const-cast): the store's own memory
    }

  private:
    static constexpr std::size_t alignment = 8;
    [[nodiscard]] void* allocate(std::size_t bytes);
    void release(void* block, std::size_t bytes);

    struct Chunk {
        std::unique_ptr<std::byte[]> memory;  // NOLINT(*-avoid-c-arrays)
        std::size_t size = 0;
    };
    std::vector<Chunk> chunks_;
    std::span<std::byte> rest_;  // of the last chunk
    std::vector<void*> free_;    // by size: the latest block given back; each holds the address of the next
};

}  // namespace reseal::keyring
