// SPDX-License-Identifier: Apache-2.0
// Refusals that repeat: the first one is told at once, the others are counted and told once in a while, so that one
// hostile client can fill neither the log nor the audit trail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "observe/log.h"

namespace reseal::observe {

class Repeats {
  public:
    // Alike are refusals of the same action, reason, principal (or address, if there is none) and topic (at connect,
    // client id). Of one principal or address `kinds_of_one` kinds are told apart, and `kinds_of_all` of all
    // principals, and of all addresses; beyond, the topic tells nothing apart any more. Addresses, which are easily
    // had, are not told apart any more either then; principals are, up to `kinds_of_principals`.
    static constexpr std::size_t kinds_of_one = 16;
    static constexpr std::size_t kinds_of_all = 4096;
    static constexpr std::size_t kinds_of_principals = 65536;

    // Is it the first of its kind? Otherwise it is counted.
    bool first(const Refused& event);

    // Calls `tell(Refused, count)` for each kind with others after the one that was told last, and forgets the kinds
    // without. Call it once in each interval; what it hands out is borrowed for the call.
    template <class Tell>
    void summarise(Tell tell) {
        for (Table* table : {&principals_, &strangers_}) {
            for (auto kind = table->kinds.begin(); kind != table->kinds.end();) {
                if (kind->second.count > 0) {
                    tell(kind->second.refused(), kind->second.count);
                    kind->second.count = 0;
                    ++kind;
                } else {
                    table->forget(kind->second);
                    kind = table->kinds.erase(kind);
                }
            }
        }
    }

  private:
    struct Kind {
        [[nodiscard]] Refused refused() const;

        bool proven = true;
        std::string who;
        std::string action;
        std::string principal;
        std::string address;
        std::string client;
        std::string topic;
        Refusal reason = Refusal::internal;
        std::uint64_t count = 0;
    };

    struct Table {
        std::unordered_map<std::string, Kind> kinds;
        std::unordered_map<std::string, std::size_t> kinds_of;  // by principal or address

        void forget(const Kind& kind);
    };

    // Writes the kind's name into name_.
    void name_kind(const Refused& event, std::string_view who, std::string_view object);
    bool add(Table& table, const Refused& event, std::string_view who, std::string_view object);

    Table principals_;
    Table strangers_;   // who has proven nothing takes no room from who has
    std::string name_;  // kept for its memory
};

}  // namespace reseal::observe
