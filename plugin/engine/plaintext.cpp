// SPDX-License-Identifier: Apache-2.0
#include "engine/plaintext.h"

#include <reseal/bytes.h>
#include <sys/mman.h>
#include <unistd.h>

namespace reseal::engine {

namespace {

std::size_t whole_pages(std::size_t size) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    return (size / page + 1) * page;
}

}  // namespace

Plaintext::~Plaintext() {
    release();
}

bool Plaintext::reserve(std::size_t size) {
    wipe();
    if (size <= capacity_ && data_ != nullptr) {
        return true;
    }
    release();
    const std::size_t wanted = whole_pages(size);
    void* memory = mmap(nullptr, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    // Both are best effort: a low RLIMIT_MEMLOCK must not stop deliveries.
    (void)mlock(memory, wanted);
    (void)madvise(memory, wanted, MADV_DONTDUMP);
    data_ = static_cast<std::uint8_t*>(memory);
    capacity_ = wanted;
    return true;
}

void Plaintext::wipe() {
    if (size_ > 0) {
        reseal_wipe(data_, size_);
        size_ = 0;
    }
}

void Plaintext::release() {
    if (data_ == nullptr) {
        return;
    }
    reseal_wipe(data_, capacity_);
    munmap(data_, capacity_);
    data_ = nullptr;
    capacity_ = 0;
}

}  // namespace reseal::engine
