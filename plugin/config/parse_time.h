// SPDX-License-Identifier: Apache-2.0
// Points in time as configuration files write them. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/unix_time.h"

namespace reseal::config {

// An RFC 3339 time without fractions, "2027-01-31T18:00:00Z" or with an offset "+01:00" in place of the Z. Nothing for
// anything else, including a day that the month does not have and a year before 1970.
std::optional<UnixTime> parse_time(std::string_view text);

}  // namespace reseal::config
