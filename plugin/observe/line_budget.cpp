// SPDX-License-Identifier: Apache-2.0
#include "observe/line_budget.h"

#include <utility>

namespace reseal::observe {

bool LineBudget::take(std::string_view principal, std::string_view address, audit::Event event, std::uint64_t count,
                      budget::Time now) {
    if (principal.empty()) {
        const bool taken = take_of_stranger(address, now);
        strangers_.omitted.add(event, taken ? 0 : count);
        return taken;
    }
    auto known = principals_.find(principal);
    if (known == principals_.end()) {
        known = principals_.try_emplace(std::string(principal)).first;
    }
    const bool taken = known->second.bucket.take(of_principal(), now);
    known->second.omitted.add(event, taken ? 0 : count);
    return taken;
}

// Its own share first: what one address may not write is not taken from all.
bool LineBudget::take_of_stranger(std::string_view address, budget::Time now) {
    auto known = addresses_.find(address);
    if (known == addresses_.end()) {
        known = addresses_.try_emplace(std::string(addresses_.size() < addresses_most ? address : "")).first;
    }
    return known->second.take(of_address(), now) &&
           strangers_.bucket.take(budget::lines_a_minute(limits_.strangers.audit_lines), now);
}

std::vector<LineBudget::Omission> LineBudget::take_omissions(budget::Time now) {
    std::vector<Omission> out;
    const auto take_of = [&out](const std::string& name, Account& account) {
        const Omitted omitted = std::exchange(account.omitted, {});
        if (omitted.total > 0) {
            out.push_back({name, omitted.total, omitted.detail()});
        }
    };
    for (auto& [name, account] : principals_) {
        take_of(name, account);
    }
    take_of({}, strangers_);
    std::erase_if(principals_, [&](const auto& each) { return each.second.bucket.full(of_principal(), now); });
    std::erase_if(addresses_, [&](const auto& each) { return each.second.full(of_address(), now); });
    return out;
}

void LineBudget::Omitted::add(audit::Event event, std::uint64_t count) {
    total += count;
    of.at(static_cast<std::size_t>(event)) += count;
}

std::string LineBudget::Omitted::detail() const {
    std::string out;
    for (std::size_t i = 0; i < of.size(); ++i) {
        if (of.at(i) > 0) {
            out.append(out.empty() ? "" : ", ").append(name_of(static_cast<audit::Event>(i)));
            out.append(" ").append(std::to_string(of.at(i)));
        }
    }
    return out;
}

}  // namespace reseal::observe
