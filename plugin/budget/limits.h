// SPDX-License-Identifier: Apache-2.0
// The key `budgets` of reseal.yaml: how much a client may cost. 0 stands for `none`, no limit.
#pragma once

#include <cstdint>

#include "budget/token_bucket.h"

namespace reseal::budget {

struct Limits {
    // For one principal, all of its clients together.
    struct Principal {
        std::uint32_t messages = 2000;          // published a second; ten times as many at once
        std::uint32_t bytes = 16777216;         // of their payloads, a second; ten times as many at once
        std::uint32_t connects = 600;           // that are accepted, a minute
        std::uint32_t sessions = 1000;          // connected at once
        std::uint32_t subscriptions = 1000;     // filters that one client holds, shared groups included
        std::uint32_t retained_topics = 10000;  // topics under which it is the first to retain a message, a day
        std::uint32_t audit_lines = 4;          // a minute; at once as many as in an hour
        bool operator==(const Principal&) const = default;
    } principal;
    // For one address, by clients that have not proven who they are.
    struct Address {
        std::uint32_t connects = 600;   // that are refused, a minute
        std::uint32_t audit_lines = 4;  // a minute; at once as many as in an hour
        bool operator==(const Address&) const = default;
    } address;
    // For all addresses together.
    struct Strangers {
        std::uint32_t connects = 60000;
        std::uint32_t audit_lines = 20;
        bool operator==(const Strangers&) const = default;
    } strangers;

    bool operator==(const Limits&) const = default;
};

constexpr Rate a_second(std::uint32_t tokens) {
    return rate(tokens, second, 10 * second);
}
constexpr Rate a_minute(std::uint32_t tokens) {
    return rate(tokens, minute, minute);
}
constexpr Rate lines_a_minute(std::uint32_t tokens) {
    return rate(tokens, minute, hour);
}
constexpr Rate a_day(std::uint32_t tokens) {
    return rate(tokens, 24 * hour, 24 * hour);
}

}  // namespace reseal::budget
