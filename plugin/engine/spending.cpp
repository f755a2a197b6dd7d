// SPDX-License-Identifier: Apache-2.0
#include "engine/spending.h"

namespace reseal::engine {

Refusal Spending::publish(const Limits& limits, std::size_t bytes, budget::Time now) {
    const auto size = static_cast<double>(bytes);
    const budget::Rate of_bytes = budget::a_second(limits.bytes);
    if (!bytes_.holds(of_bytes, now, size)) {
        return Refusal::over_budget_bytes;
    }
    if (!messages_.take(budget::a_second(limits.messages), now)) {
        return Refusal::over_budget_messages;
    }
    (void)bytes_.take(of_bytes, now, size);
    return Refusal::none;
}

Refusal Spending::connect(const Limits& limits, budget::Time now) {
    return connects_.take(budget::a_minute(limits.connects), now) ? Refusal::none : Refusal::over_budget_connects;
}

Refusal Spending::retain(const Limits& limits, budget::Time now) {
    return retained_topics_.take(budget::a_day(limits.retained_topics), now) ? Refusal::none
                                                                             : Refusal::over_budget_retained;
}

bool Spending::full(const Limits& limits, budget::Time now) const {
    return messages_.full(budget::a_second(limits.messages), now) && bytes_.full(budget::a_second(limits.bytes), now) &&
           connects_.full(budget::a_minute(limits.connects), now) &&
           retained_topics_.full(budget::a_day(limits.retained_topics), now);
}

std::shared_ptr<Spending> Spendings::of(std::string_view principal) {
    auto known = by_principal_.find(principal);
    if (known == by_principal_.end()) {
        known = by_principal_.emplace(principal, std::make_shared<Spending>()).first;
    }
    return known->second;
}

void Spendings::sweep(const budget::Limits::Principal& limits, budget::Time now) {
    std::erase_if(by_principal_,
                  [&](const auto& each) { return each.second.use_count() == 1 && each.second->full(limits, now); });
}

Refusal Strangers::look(const budget::Limits& limits, std::string_view address, budget::Time now) const {
    const auto known = addresses_.find(address);
    if (known != addresses_.end() && !known->second.holds(budget::a_minute(limits.address.connects), now)) {
        return Refusal::over_budget_address;
    }
    return all_.holds(budget::a_minute(limits.strangers.connects), now) ? Refusal::none
                                                                        : Refusal::over_budget_strangers;
}

void Strangers::refused(const budget::Limits& limits, std::string_view address, budget::Time now) {
    (void)all_.take(budget::a_minute(limits.strangers.connects), now);
    auto known = addresses_.find(address);
    if (known == addresses_.end() && addresses_.size() < addresses_most) {
        known = addresses_.try_emplace(std::string(address)).first;
    }
    if (known != addresses_.end()) {
        (void)known->second.take(budget::a_minute(limits.address.connects), now);
    }
}

void Strangers::sweep(const budget::Limits& limits, budget::Time now) {
    const budget::Rate rate = budget::a_minute(limits.address.connects);
    std::erase_if(addresses_, [&](const auto& each) { return each.second.full(rate, now); });
}

}  // namespace reseal::engine
