// SPDX-License-Identifier: Apache-2.0
// Records on their way from the broker to the process that writes them. They lie in shared memory, so they outlive the
// broker. The broker puts, the other process takes, and neither waits for the other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "audit/record.h"

namespace reseal::audit {

class Queue {
  public:
    // All memory is allocated here. A process that is forked afterwards shares it. `capacity`, in records, must be a
    // power of two. Throws std::system_error if there is no memory.
    explicit Queue(std::size_t capacity);

    // For the broker. If the queue is full, the record is dropped and counted.
    void put(const Record& record);
    [[nodiscard]] std::uint64_t written() const { return shared_->written.load(std::memory_order_relaxed); }
    [[nodiscard]] bool failing() const { return shared_->failing.load(std::memory_order_acquire); }
    // Why it is failing.
    [[nodiscard]] std::string fault() const { return std::string(shared_->fault.view()); }

    // The text given to find(), told once.
    [[nodiscard]] std::optional<std::string> take_finding();

    // The same for fall_short().
    [[nodiscard]] std::optional<std::uint32_t> take_shortage();

    // For the process that writes. The oldest record, null if there is none. It stays until took().
    [[nodiscard]] const Record* oldest() const;
    void took();
    void set_written(std::uint64_t lines) { shared_->written.store(lines, std::memory_order_relaxed); }
    void fail(std::string_view fault);
    // Tells the broker of a sign of tampering. False: it has not taken the last one yet, so call again.
    [[nodiscard]] bool find(std::string_view finding);
    // Tells the broker that the trail reaches back only this many hours.
    void fall_short(std::uint32_t hours) { shared_->shortage.store(std::uint64_t{hours} + 1); }
    void succeed() { shared_->failing.store(false, std::memory_order_release); }

    // For both: how many were dropped.
    [[nodiscard]] std::uint64_t dropped() const { return shared_->dropped.load(std::memory_order_relaxed); }

  private:
    // In front of the records.
    struct alignas(Record) Shared {
        std::atomic<std::uint64_t> put{0};    // records ever put; set by the broker
        std::atomic<std::uint64_t> taken{0};  // records ever taken; set by the writer, as are `written` and `failing`
        std::atomic<std::uint64_t> written{0};
        std::atomic<std::uint64_t> dropped{0};
        std::atomic<bool> failing{false};
        Text<512> fault;                         // changes only while `failing` is false
        std::atomic<bool> found{false};          // set by the writer, cleared by the broker
        Text<512> finding;                       // changes only while `found` is false
        std::atomic<std::uint64_t> shortage{0};  // hours that the trail reaches back, plus one; 0: long enough
    };
    static_assert(std::atomic<std::uint64_t>::is_always_lock_free && std::atomic<bool>::is_always_lock_free,
                  "a lock would be each process's own");

    struct Unmap {
        std::size_t size;
        void operator()(void* memory) const;
    };

    std::unique_ptr<void, Unmap> memory_;
    Shared* shared_;
    std::span<Record> slots_;
};

}  // namespace reseal::audit
