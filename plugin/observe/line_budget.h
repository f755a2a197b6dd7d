// SPDX-License-Identifier: Apache-2.0
// How many lines of the audit trail what one client does may take: what goes beyond is counted, and told in one line.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/record.h"
#include "base/name_hash.h"
#include "budget/limits.h"

namespace reseal::observe {

class LineBudget {
  public:
    // Addresses that are told apart; beyond, all others count as one.
    static constexpr std::size_t addresses_most = 4096;

    void set(const budget::Limits& limits) { limits_ = limits; }

    // Whether a line may be written about what `principal` did, or, if that is empty, a client at `address` that has
    // proven nothing. If not, `count` events of this kind are counted as left out.
    [[nodiscard]] bool take(std::string_view principal, std::string_view address, audit::Event event,
                            std::uint64_t count, budget::Time now);

    struct Omission {
        std::string principal;    // empty: of all addresses
        std::uint64_t count = 0;  // events
        std::string detail;       // "connected 50, refused 7"
    };
    // What was left out since the last call: one for each principal, and one for all addresses together. Call it once
    // in each interval.
    [[nodiscard]] std::vector<Omission> take_omissions(budget::Time now);

  private:
    struct Omitted {
        std::uint64_t total = 0;
        std::array<std::uint64_t, audit::event_count> of{};

        void add(audit::Event event, std::uint64_t count);
        [[nodiscard]] std::string detail() const;
    };
    struct Account {
        budget::TokenBucket bucket;
        Omitted omitted;
    };

    [[nodiscard]] bool take_of_stranger(std::string_view address, budget::Time now);
    [[nodiscard]] budget::Rate of_principal() const { return budget::lines_a_minute(limits_.principal.audit_lines); }
    [[nodiscard]] budget::Rate of_address() const { return budget::lines_a_minute(limits_.address.audit_lines); }

    template <class Value>
    using ByName = std::unordered_map<std::string, Value, NameHash, std::equal_to<>>;

    budget::Limits limits_;
    ByName<Account> principals_;  // each of them proven: no more than the registry has
    ByName<budget::TokenBucket> addresses_;
    Account strangers_;
};

}  // namespace reseal::observe
