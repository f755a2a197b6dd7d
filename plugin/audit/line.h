// SPDX-License-Identifier: Apache-2.0
// The lines of the audit trail: JSON in printable ASCII, one object a line. Each holds the SHA-256 of the previous line
// and ends with an HMAC of itself:
//
//   {"seq":7,"time":"2026-01-31T12:00:00.000Z","event":"refused", … ,"prev":"HEX","mac":"HEX"}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/digest.h"
#include "audit/record.h"

namespace reseal::audit {

// Longer than any line, in bytes.
inline constexpr std::size_t line_most = 16384;

// The last line of a chain: its number and its SHA-256. Number 0: the chain has no line yet.
struct Position {
    std::uint64_t number = 0;
    Digest hash{};

    bool operator==(const Position&) const = default;
};

// Writes `record` as the line after `position` into `out`, without a line break, and answers its position.
Position write_line(const Record& record, const Position& position, const Key& key, std::string& out);

// The parts of a line that hold the chain together. Borrows the line.
struct Link {
    std::uint64_t number = 0;
    Digest before{};  // the SHA-256 of the previous line
    Digest mac{};
    std::string_view covered;  // by the MAC
    std::string_view time;     // as timestamp() writes it
};

// Nothing if the line does not have the form that write_line gives.
std::optional<Link> read_link(std::string_view line);

// "2026-01-31T12:00:00.000Z"
std::string timestamp(std::int64_t milliseconds);

// The reverse. Ignores everything but the digits. Nothing for another text.
std::optional<std::int64_t> parse_timestamp(std::string_view text);

// Milliseconds since 1970, UTC.
std::int64_t now();

}  // namespace reseal::audit
