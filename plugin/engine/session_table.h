// SPDX-License-Identifier: Apache-2.0
// Where sessions live: found by their id without a lock, then used by one thread at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/cache.h"
#include "engine/session.h"

namespace reseal::engine {

class SessionTable {
    struct Slot {
        std::mutex mutex;
        std::atomic<std::uint32_t> generation{1};  // of its next session, or the present one
        bool live = false;
        Session session;
    };

  public:
    static constexpr std::size_t most = std::size_t{1} << 24U;  // sessions

    SessionTable() : chunks_(new Chunks{}) {}
    ~SessionTable();
    SessionTable(const SessionTable&) = delete;
    SessionTable& operator=(const SessionTable&) = delete;

    // A session that this thread uses until the end of this object's life. Empty if it has ended.
    class Use {
      public:
        Use() = default;
        explicit operator bool() const { return slot_ != nullptr; }
        Session* operator->() const { return &slot_->session; }
        Session& operator*() const { return slot_->session; }

      private:
        friend SessionTable;
        Use(std::unique_lock<std::mutex> lock, Slot* slot) : lock_(std::move(lock)), slot_(slot) {}

        std::unique_lock<std::mutex> lock_;
        Slot* slot_ = nullptr;
    };

    // A new session. Empty if there are `most`.
    [[nodiscard]] Use begin();
    // Waits for a thread that uses it.
    [[nodiscard]] Use use(SessionId id) const;
    // Waits for nobody: empty, too, if another thread uses it. Not for the session that this thread uses.
    [[nodiscard]] Use try_use(SessionId id) const;
    // Its id means nothing from now on, and its memory serves another one.
    void end(Use use);

    // Calls `visit` with each session, one after the other, in use.
    template <class Visit>
    void each(Visit&& visit) {
        for (std::size_t number = 0, size = size_.load(std::memory_order_acquire); number < size; ++number) {
            Slot& slot = *at(number);
            const std::lock_guard lock(slot.mutex);
            if (slot.live) {
                visit(slot.session);
            }
        }
    }

    // Prefetches what deliveries to it read: first the session and, once that is in the cache, its sender. The session
    // may have ended.
    void fetch(SessionId id) const;
    void fetch_sender(SessionId id) const;

  private:
    static constexpr std::size_t chunk = 256;
    using Chunk = std::array<Slot, chunk>;
    using Chunks = std::array<std::atomic<Chunk*>, most / chunk>;

    [[nodiscard]] Slot* at(std::size_t number) const {
        return &(*(*chunks_)[number / chunk].load(std::memory_order_acquire))[number % chunk];
    }
    // The slot of a session that has not ended, as far as can be told without its lock. So that of an ended one is
    // never locked: this thread may be using the session that has its slot by now.
    [[nodiscard]] Slot* find(SessionId id) const;
    [[nodiscard]] static bool is(const Slot& slot, SessionId id);
    [[nodiscard]] Slot* free_slot();

    std::unique_ptr<Chunks> chunks_;
    std::atomic<std::size_t> size_{0};  // slots
    std::mutex growing_;
    std::vector<Slot*> free_;
};

}  // namespace reseal::engine
