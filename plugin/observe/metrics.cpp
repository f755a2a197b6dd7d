#include "observe/metrics.h"

#include <algorithm>

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

Stopwatch::Stopwatch(Metrics& metrics, Step step) {
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
