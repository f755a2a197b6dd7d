// SPDX-License-Identifier: Apache-2.0
#include "audit/queue.h"

#include <sys/mman.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace reseal::audit {
namespace {

void* shared_memory(std::size_t size) {
    void* out = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (out == MAP_FAILED) {
        throw std::system_error(errno, std::generic_category(), "memory for the audit trail's queue");
    }
    return out;
}

}  // namespace

Queue::Queue(std::size_t capacity) {
    const std::size_t size = sizeof(Shared) + capacity * sizeof(Record);
    memory_ = {shared_memory(size), Unmap{size}};
    auto* bytes = static_cast<std::byte*>(memory_.get());
    shared_ = new (bytes) Shared;
    slots_ = {new (bytes + sizeof(Shared)) Record[capacity], capacity};
}

void Queue::Unmap::operator()(void* memory) const {
    (void)::munmap(memory, size);
}

void Queue::put(const Record& record) {
    const std::uint64_t put = shared_->put.load(std::memory_order_relaxed);
    if (put - shared_->taken.load(std::memory_order_acquire) == slots_.size()) {
        shared_->dropped.store(dropped() + 1, std::memory_order_relaxed);
        return;
    }
    slots_[put & (slots_.size() - 1)] = record;
    shared_->put.store(put + 1, std::memory_order_release);
}

const Record* Queue::oldest() const {
    const std::uint64_t taken = shared_->taken.load(std::memory_order_relaxed);
    return taken == shared_->put.load(std::memory_order_acquire) ? nullptr : &slots_[taken & (slots_.size() - 1)];
}

void Queue::took() {
    shared_->taken.store(shared_->taken.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

void Queue::fail(std::string_view fault) {
    if (!failing()) {
        shared_->fault = fault;
        shared_->failing.store(true, std::memory_order_release);
    }
}

bool Queue::find(std::string_view finding) {
    if (shared_->found.load(std::memory_order_acquire)) {
        return false;
    }
    shared_->finding = finding;
    shared_->found.store(true, std::memory_order_release);
    return true;
}

std::optional<std::string> Queue::take_finding() {
    if (!shared_->found.load(std::memory_order_acquire)) {
        return std::nullopt;
    }
    std::string out(shared_->finding.view());
    shared_->found.store(false, std::memory_order_release);
    return out;
}

std::optional<std::uint32_t> Queue::take_shortage() {
    const std::uint64_t taken = shared_->shortage.exchange(0);
    return taken == 0 ? std::nullopt : std::optional(static_cast<std::uint32_t>(taken - 1));
}

}  // namespace reseal::audit
