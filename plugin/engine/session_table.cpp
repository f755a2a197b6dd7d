// SPDX-License-Identifier: Apache-2.0
#include "engine/session_table.h"

#include <utility>

#include "base/try_lock.h"

namespace reseal::engine {

namespace {

// An id is a slot's generation and, below it, its number from 1 on.
constexpr unsigned generation_shift = 32;

std::uint32_t generation_of(SessionId id) {
    return static_cast<std::uint32_t>(id.value >> generation_shift);
}

std::size_t number_of(SessionId id) {
    return static_cast<std::uint32_t>(id.value) - std::size_t{1};
}

SessionId id_of(std::uint32_t generation, std::size_t number) {
    return {std::uint64_t{generation} << generation_shift | (number + 1)};
}

}  // namespace

SessionTable::~SessionTable() {
    for (const std::atomic<Chunk*>& each : *chunks_) {
        delete each.load();
    }
}

SessionTable::Slot* SessionTable::find(SessionId id) const {
    const std::size_t number = number_of(id);
    Slot* slot = number < size_.load(std::memory_order_acquire) ? at(number) : nullptr;
    return slot != nullptr && slot->generation == generation_of(id) ? slot : nullptr;
}

// Only with the slot's lock.
bool SessionTable::is(const Slot& slot, SessionId id) {
    return slot.live && slot.generation == generation_of(id);
}

SessionTable::Use SessionTable::use(SessionId id) const {
    Slot* slot = find(id);
    if (slot == nullptr) {
        return {};
    }
    std::unique_lock lock(slot->mutex);
    return is(*slot, id) ? Use(std::move(lock), slot) : Use();
}

SessionTable::Use SessionTable::try_use(SessionId id) const {
    Slot* slot = find(id);
    if (slot == nullptr) {
        return {};
    }
    std::unique_lock lock = try_lock(slot->mutex);
    return lock && is(*slot, id) ? Use(std::move(lock), slot) : Use();
}

SessionTable::Use SessionTable::begin() {
    const std::lock_guard growing(growing_);
    Slot* slot = free_slot();
    if (slot == nullptr) {
        return {};
    }
    std::unique_lock lock(slot->mutex);
    slot->live = true;
    return {std::move(lock), slot};
}

SessionTable::Slot* SessionTable::free_slot() {
    if (!free_.empty()) {
        Slot* out = free_.back();
        free_.pop_back();
        return out;
    }
    const std::size_t number = size_.load(std::memory_order_relaxed);
    if (number == most) {
        return nullptr;
    }
    if (number % chunk == 0) {
        (*chunks_)[number / chunk].store(new Chunk, std::memory_order_release);
    }
    Slot* out = at(number);
    out->session.id = id_of(out->generation, number);
    size_.store(number + 1, std::memory_order_release);
    return out;
}

void SessionTable::end(Use use) {
    Slot* slot = use.slot_;
    const std::size_t number = number_of(slot->session.id);
    std::destroy_at(&slot->session);
    std::construct_at(&slot->session);
    slot->live = false;
    slot->session.id = id_of(++slot->generation, number);
    use.lock_.unlock();
    const std::lock_guard growing(growing_);
    if (slot->generation != 0) {  // used up: an id would come again
        free_.push_back(slot);
    }
}

void SessionTable::fetch(SessionId id) const {
    constexpr std::size_t lines = 3;
    reseal::fetch(find(id), lines);
}

void SessionTable::fetch_sender(SessionId id) const {
    constexpr std::size_t lines = 2;
    if (const Slot* slot = find(id)) {
        reseal::fetch(slot->session.ahead.load(std::memory_order_relaxed), lines);
    }
}

}  // namespace reseal::engine
