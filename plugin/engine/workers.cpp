// SPDX-License-Identifier: Apache-2.0
#include "engine/workers.h"

#include <algorithm>
#include <utility>

namespace reseal::engine {

std::optional<std::vector<KeyId>> Workers::One::take_forgotten() {
    std::vector<KeyId> out;
    if (any_forgotten_.load(std::memory_order_relaxed)) {
        const auto forgotten = forgotten_.access();
        any_forgotten_.store(false, std::memory_order_relaxed);
        out.swap(*forgotten);
    }
    return out.size() < forgotten_most ? std::optional(std::move(out)) : std::nullopt;
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
        const std::size_t room = forgotten_most - forgotten->size();
        forgotten->insert(forgotten->end(), keys.begin(),
                          keys.begin() + static_cast<std::ptrdiff_t>(std::min(room, keys.size())));
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
