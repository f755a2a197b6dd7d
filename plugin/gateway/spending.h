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

namespace reseal::gateway {

// Of one principal: shared by all its sessions, and kept after the last one until everything has come back, so that
// nobody gets more by connecting again.
class Spending {
  public:
    using Limits = budget::Limits::Principal;

    // Takes one message of so many bytes, or says which budget does not hold it.
    [[nodiscard]] Refusal publish(const Limits& limits, std::size_t bytes, budget::Time now);
    [[nodiscard]] Refusal connect(const Limits& limits, budget::Time now);
    // It retains a message under a topic where none was before.
    [[nodiscard]] Refusal retain(const Limits& limits, budget::Time now);

    // Has everything come back?
    [[nodiscard]] bool full(const Limits& limits, budget::Time now) const;

  private:
    budget::TokenBucket messages_;
    budget::TokenBucket bytes_;
    budget::TokenBucket connects_;
    budget::TokenBucket retained_topics_;
};

class Spendings {
  public:
    // Never null; another call with the same principal answers the same one.
    [[nodiscard]] std::shared_ptr<Spending> of(std::string_view principal);
    // Forgets those of which everything has come back and that nobody holds. Call it at times.
    void sweep(const budget::Limits::Principal& limits, budget::Time now);

    [[nodiscard]] std::size_t size() const { return by_principal_.size(); }

  private:
    std::unordered_map<std::string, std::shared_ptr<Spending>, NameHash, std::equal_to<>> by_principal_;
};

// Of clients that have proven nothing, by their addresses.
class Strangers {
  public:
    // Addresses that are told apart. Beyond, the others are held to what all together may do.
    static constexpr std::size_t addresses_most = 16384;

    // May one more from there be looked at?
    [[nodiscard]] Refusal look(const budget::Limits& limits, std::string_view address, budget::Time now) const;
    // It was refused.
    void refused(const budget::Limits& limits, std::string_view address, budget::Time now);
    // Forgets the addresses of which everything has come back. Call it at times.
    void sweep(const budget::Limits& limits, budget::Time now);

    [[nodiscard]] std::size_t size() const { return addresses_.size(); }

  private:
    std::unordered_map<std::string, budget::TokenBucket, NameHash, std::equal_to<>> addresses_;
    budget::TokenBucket all_;
};

}  // namespace reseal::gateway
