// SPDX-License-Identifier: Apache-2.0
// What the plugin counts. Each number has one writer at a time, any thread may read; nothing waits.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>

#include "base/refusal.h"
#include "observe/alert.h"

namespace reseal::observe {

// One thread writes at a time: no read-modify-write is needed.
class Number {
  public:
    Number() = default;
    Number(const Number& other) : value_(other.get()) {}
    Number& operator=(const Number&) = delete;
    ~Number() = default;

    void add(std::uint64_t amount = 1) { set(get() + amount); }
    void set(std::uint64_t value) { value_.store(value, std::memory_order_relaxed); }
    [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

// Durations in buckets whose bounds are in nanoseconds; the last bucket has no bound.
class Histogram {
  public:
    static constexpr std::array<std::uint64_t, 13> bounds{1'000,     2'000,     5'000,     10'000,  20'000,
                                                          50'000,    100'000,   200'000,   500'000, 1'000'000,
                                                          2'000'000, 5'000'000, 10'000'000};

    void add(std::uint64_t nanoseconds);
    void add(const Histogram& other);

    // How many were not longer than bounds[i]; bounds.size(): all.
    [[nodiscard]] std::uint64_t up_to(std::size_t i) const;
    [[nodiscard]] std::uint64_t count() const { return up_to(bounds.size()); }
    [[nodiscard]] std::uint64_t sum() const { return sum_.get(); }  // nanoseconds

  private:
    std::array<Number, bounds.size() + 1> buckets_;
    Number sum_;
};

// The steps whose time is taken.
enum class Step : std::uint8_t { publish, open, deliver, seal };
inline constexpr std::array<std::string_view, 4> step_names{"publish", "open", "deliver", "seal"};

// What one thread counts that handles messages.
struct WorkerMetrics {
    Number opened;  // messages that arrived sealed and were accepted
    Number sealed;  // messages sealed, for a subscriber or for the store
    std::array<Histogram, step_names.size()> steps;
    std::array<Number, step_names.size()> turns;  // how often each step was taken, for Stopwatch
};

class Metrics {
  public:
    // For the events, which are logged one at a time.
    std::array<Number, refusal_count> refused;
    std::array<Number, alert_names.size()> alerts;
    Number reloads;
    Number failed_reloads;
    // As they are now.
    Number sessions;
    Number principals;
    Number active_keys;
    Number retired_keys;
    Number audit_lines;
    Number audit_dropped;
    Number audit_omitted;  // events that have no line of their own: see LineBudget
    Number audit_failing;  // 0 or 1

    // For one more thread; it counts on from zero, and stays as long as this.
    WorkerMetrics& add_worker();

    // Of all workers together.
    [[nodiscard]] std::uint64_t opened() const;
    [[nodiscard]] std::uint64_t sealed() const;
    [[nodiscard]] Histogram step(std::size_t number) const;

  private:
    mutable std::mutex mutex_;
    std::deque<WorkerMetrics> workers_;
};

// Takes the time of a step until the end of its own life; of one in `every`, as a clock costs more than some steps.
class Stopwatch {
  public:
    static constexpr std::uint32_t every = 16;

    Stopwatch(WorkerMetrics& metrics, Step step);
    ~Stopwatch();
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

  private:
    Histogram* histogram_ = nullptr;  // null: this one is left out
    std::chrono::steady_clock::time_point begin_;
};

}  // namespace reseal::observe
