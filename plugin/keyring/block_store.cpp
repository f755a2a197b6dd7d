// SPDX-License-Identifier: Apache-2.0
#include "keyring/block_store.h"

#include <algorithm>
#include <cstring>

#include "base/secret.h"

namespace reseal::keyring {

namespace {
constexpr std::size_t chunk_size = std::size_t{64} << 10U;
}  // namespace

BlockStore::~BlockStore() {
    for (const Chunk& chunk : chunks_) {
        reseal_wipe(chunk.memory.get(), chunk.size);
    }
}

void* BlockStore::allocate(std::size_t bytes) {
    const std::size_t units = (bytes + alignment - 1) / alignment;
    if (units == 0) {
        return nullptr;
    }
    if (units < free_.size() && free_[units] != nullptr) {
        void* const block = free_[units];
        std::memcpy(&free_[units], block, sizeof block);
        return block;
    }
    const std::size_t size = units * alignment;
    if (size > rest_.size()) {
        Chunk& chunk = chunks_.emplace_back();
        chunk.size = std::max(size, chunk_size);
        chunk.memory = std::make_unique_for_overwrite<std::byte[]>(chunk.size);  // NOLINT(*-avoid-c-arrays)
        rest_ = {chunk.memory.get(), chunk.size};
    }
    void* const block = rest_.data();
    rest_ = rest_.subspan(size);
    return block;
}

void BlockStore::release(void* block, std::size_t bytes) {
    const std::size_t units = (bytes + alignment - 1) / alignment;
    if (units == 0) {
        return;
    }
    reseal_wipe(block, bytes);
    free_.resize(std::max(free_.size(), units + 1));
    std::memcpy(block, &free_[units], sizeof block);
    free_[units] = block;
}

}  // namespace reseal::keyring
