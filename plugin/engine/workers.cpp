#include "engine/workers.h"

#include <utility>

namespace reseal::engine {

std::vector<KeyId> Workers::One::take_forgotten() {
    if (!any_forgotten_.load(std::memory_order_relaxed)) {
        return {};
    }
    const auto forgotten = forgotten_.access();
    any_forgotten_.store(false, std::memory_order_relaxed);
    return std::exchange(*forgotten, {});
}

void Workers::add(One& worker) {
    const std::scoped_lock lock(closing_, list_);
    all_.push_back(&worker);
}

void Workers::remove(One& worker) {
    const std::scoped_lock lock(closing_, list_);
    std::erase(all_, &worker);
}

void Workers::forget_keys(std::span<const KeyId> keys) {
    const std::lock_guard lock(list_);
    for (One* each : all_) {
        const auto forgotten = each->forgotten_.access();
        forgotten->insert(forgotten->end(), keys.begin(), keys.end());
        each->any_forgotten_.store(true, std::memory_order_relaxed);
    }
}

Workers::Closed::Closed(Workers& workers) : workers_(&workers) {
    workers_->closing_.lock();
    for (One* each : workers_->all_) {
        each->gate_.lock();
    }
}

Workers::Closed::~Closed() {
    for (One* each : workers_->all_) {
        each->gate_.unlock();
    }
    workers_->closing_.unlock();
}

}  // namespace reseal::engine
