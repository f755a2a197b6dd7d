// Records on their way from the broker to the process that writes them: in memory that both have, so that they outlive
// the broker. One puts, one takes; neither waits for the other.
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
    // All memory is taken here; a process that is forked afterwards shares it. `capacity`, in records, is a power of
    // two. Throws std::system_error if there is no memory.
    explicit Queue(std::size_t capacity);

    // For the broker. A record that finds the queue full is dropped, and counted.
    void put(const Record& record);
    [[nodiscard]] std::uint64_t written() const { return shared_->written.load(std::memory_order_relaxed); }
    [[nodiscard]] bool failing() const { return shared_->failing.load(std::memory_order_acquire); }
    // Why it is failing.
    [[nodiscard]] std::string fault() const { return std::string(shared_->fault.view()); }

    // What find() was told, once.
    [[nodiscard]] std::optional<std::string> take_finding();

    // The same for fall_short().
    [[nodiscard]] std::optional<std::uint32_t> take_shortage();

    // For the process that writes. The oldest record, null if there is none; it stays until took().
    [[nodiscard]] const Record* oldest() const;
    void took();
    void set_written(std::uint64_t lines) { shared_->written.store(lines, std::memory_order_relaxed); }
    void fail(std::string_view fault);
    // A sign of tampering, for the broker. False: it has not taken the last one yet, so tell it again.
    [[nodiscard]] bool find(std::string_view finding);
    // The trail reaches back so many hours only.
    void fall_short(std::uint32_t hours) { shared_->shortage.store(std::uint64_t{hours} + 1); }
    void succeed() { shared_->failing.store(false, std::memory_order_release); }

    // For both: how many were dropped.
    [[nodiscard]] std::uint64_t dropped() const { return shared_->dropped.load(std::memory_order_relaxed); }

  private:
    // In front of the records.
    struct alignas(Record) Shared {
        std::atomic<std::uint64_t> put{0};    // records ever put; the broker's
        std::atomic<std::uint64_t> taken{0};  // records ever taken; the other's, as are `written` and `failing`
        std::atomic<std::uint64_t> written{0};
        std::atomic<std::uint64_t> dropped{0};
        std::atomic<bool> failing{false};
        Text<512> fault;                         // changes only while `failing` is false
        std::atomic<bool> found{false};          // set by the other, taken back by the broker
        Text<512> finding;                       // changes only while `found` is false
        std::atomic<std::uint64_t> shortage{0};  // hours that the trail reaches back, and one; 0: long enough
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
