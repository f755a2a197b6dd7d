// Takes records from the broker's thread and has them written by a thread of its own: nothing here waits for a disk.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "audit/record.h"
#include "audit/trail.h"
#include "base/descriptor.h"

namespace reseal::audit {

class Writer {
  public:
    static constexpr std::size_t default_capacity = 2048;  // records

    // All memory is taken here. `capacity` is a power of two.
    explicit Writer(Trail trail, std::size_t capacity = default_capacity);
    // Writes what is queued, unless the disk refuses it, and ends the thread.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // From one thread only. Neither waits nor allocates: a record that finds the queue full is dropped, and counted;
    // the number is written to the trail as soon as there is room.
    void put(const Record& record);

    // What follows may be asked from any thread.
    [[nodiscard]] std::uint64_t written() const { return written_.load(std::memory_order_relaxed); }  // lines
    [[nodiscard]] std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }  // records
    // The disk refuses lines; it is tried again every second.
    [[nodiscard]] bool failing() const { return failing_.load(std::memory_order_acquire); }
    // Why it did so last.
    [[nodiscard]] std::string fault() const;

  private:
    static constexpr std::chrono::milliseconds period{1000};  // between two tries, and between two writes to the disk

    void run();
    void write_until_the_end();
    [[nodiscard]] bool drain();
    [[nodiscard]] bool append(const Record& record);
    [[nodiscard]] bool say_dropped();
    void note(const Checked<Done>& result);
    void wait();

    std::optional<Trail> trail_;  // the thread's, which also ends it: its descriptors are not those of the process
    std::vector<Record> slots_;
    std::atomic<std::uint64_t> put_{0};    // records ever put; only put() changes it
    std::atomic<std::uint64_t> taken_{0};  // records ever written; only the thread changes it
    std::atomic<std::uint64_t> written_{0};
    std::atomic<std::uint64_t> dropped_{0};
    std::uint64_t dropped_said_ = 0;
    std::atomic<bool> failing_{false};
    std::atomic<bool> ending_{false};
    mutable std::mutex fault_mutex_;
    std::string fault_;
    Descriptor wake_;
    std::thread thread_;
};

}  // namespace reseal::audit
