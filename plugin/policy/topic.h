// SPDX-License-Identifier: Apache-2.0
// MQTT topic names and filters (MQTT 5 section 4.7). Pure.
#pragma once

#include <string>
#include <string_view>

namespace reseal::policy {

// A topic name: 1 to 65535 bytes of UTF-8 without '+', '#', NUL.
bool valid_topic(std::string_view topic);

// A topic filter. "$share/GROUP/FILTER" is not one: take it apart first.
bool valid_filter(std::string_view filter);

// Why `filter` is not a topic filter, as a remedy for people. Empty if it is one.
std::string_view filter_remedy(std::string_view filter);

// Does `filter` match `topic`? A wildcard in the first level does not match a topic that begins with '$'.
// Both must be valid. Allocates nothing.
bool matches(std::string_view filter, std::string_view topic);

// Does `wide` match every topic that `narrow` matches? Both must be valid filters.
bool covers(std::string_view wide, std::string_view narrow);

// The filter of a shared subscription "$share/GROUP/FILTER", or `filter` itself; empty if it is malformed.
std::string_view without_share(std::string_view filter);

}  // namespace reseal::policy
