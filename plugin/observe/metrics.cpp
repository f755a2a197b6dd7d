// SPDX-License-Identifier: Apache-2.0
#include "observe/metrics.h"

#include <algorithm>
#include <numeric>

namespace reseal::observe {

void Histogram::add(std::uint64_t nanoseconds) {
    const auto* bound = std::ranges::lower_bound(bounds, nanoseconds);
    buckets_.at(static_cast<std::size_t>(bound - bounds.begin())).add();
    sum_.add(nanoseconds);
}

std::uint64_t Histogram::up_to(std::size_t i) const {
    std::uint64_t out = 0;
    for (std::size_t bucket = 0; bucket <= i; ++bucket) {
        out += buckets_.at(bucket).get();
    }
    return out;
}

void Histogram::add(const Histogram& other) {
    for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
        buckets_.at(bucket).add(other.buckets_.at(bucket).get());
    }
    sum_.add(other.sum());
}

WorkerMetrics& Metrics::add_worker() {
    const std::lock_guard lock(mutex_);
    return workers_.emplace_back();
}

std::uint64_t Metrics::opened() const {
    const std::lock_guard lock(mutex_);
    return std::accumulate(workers_.begin(), workers_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const WorkerMetrics& each) { return sum + each.opened.get(); });
}

std::uint64_t Metrics::sealed() const {
    const std::lock_guard lock(mutex_);
    return std::accumulate(workers_.begin(), workers_.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const WorkerMetrics& each) { return sum + each.sealed.get(); });
}

Histogram Metrics::step(std::size_t number) const {
    const std::lock_guard lock(mutex_);
    Histogram out;
    for (const WorkerMetrics& each : workers_) {
        out.add(each.steps.at(number));
    }
    return out;
}

Stopwatch::Stopwatch(WorkerMetrics& metrics, Step step) {
    Number& turn = metrics.turns.at(static_cast<std::size_t>(step));
    turn.add();
    if (turn.get() % every == 1) {
        histogram_ = &metrics.steps.at(static_cast<std::size_t>(step));
        begin_ = std::chrono::steady_clock::now();
    }
}

Stopwatch::~Stopwatch() {
    if (histogram_ != nullptr) {
        const auto took = std::chrono::steady_clock::now() - begin_;
        histogram_->add(static_cast<std::uint64_t>(std::chrono::nanoseconds(took).count()));
    }
}

}  // namespace reseal::observe
