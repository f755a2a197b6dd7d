// SPDX-License-Identifier: Apache-2.0
// What clients have used of their budgets (`budgets` in reseal.yaml). Pure: time is an argument.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/name_hash.h"
#include "base/refusal.h"
#include "budget/limits.h"

namespace reseal::engine {

// The spending of one principal. All its sessions share it. It outlives the last one until the budget is full again, so
// that reconnecting gains nothing.
class Spending {
  public:
    using Limits = budget::Limits::Principal;

    // Takes one message of `bytes` bytes, or answers which budget is exhausted.
    [[nodiscard]] Refusal publish(const Limits& limits, std::size_t bytes, budget::Time now);
    [[nodiscard]] Refusal connect(const Limits& limits, budget::Time now);
    // A message is retained under a topic that had none.
    [[nodiscard]] Refusal retain(const Limits& limits, budget::Time now);

    // Is the budget full again?
    [[nodiscard]] bool full(const Limits& limits, budget::Time now) const;

  private:
    budget::TokenBucket messages_;
    budget::TokenBucket bytes_;
    budget::TokenBucket connects_;
    budget::TokenBucket retained_topics_;
};

class Spendings {
  public:
    // Never null. Calls with the same principal answer the same object.
    [[nodiscard]] std::shared_ptr<Spending> of(std::string_view principal);
    // Forgets those that are full again and that nobody holds. Call it now and then.
    void sweep(const budget::Limits::Principal& limits, budget::Time now);

    [[nodiscard]] std::size_t size() const { return by_principal_.size(); }

  private:
    std::unordered_map<std::string, std::shared_ptr<Spending>, NameHash, std::equal_to<>> by_principal_;
};

// The spending of clients that have proven nothing, by address.
class Strangers {
  public:
    // Addresses told apart. Any beyond these share the budget for all.
    static constexpr std::size_t addresses_most = 16384;

    // May one more attempt from there be examined?
    [[nodiscard]] Refusal look(const budget::Limits& limits, std::string_view address, budget::Time now) const;
    // The attempt was refused.
    void refused(const budget::Limits& limits, std::string_view address, budget::Time now);
    // Forgets addresses whose budget is full again. Call it now and then.
    void sweep(const budget::Limits& limits, budget::Time now);

    [[nodiscard]] std::size_t size() const { return addresses_.size(); }

  private:
    std::unordered_map<std::string, budget::TokenBucket, NameHash, std::equal_to<>> addresses_;
    budget::TokenBucket all_;
};

}  // namespace reseal::engine
