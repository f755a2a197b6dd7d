// SPDX-License-Identifier: Apache-2.0
// How the program writes values.
#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

#include "base/fault.h"
#include "keyring/types.h"

namespace reseal::admin {

// "2026-01-31" and "2026-01-31 12:00:00 UTC".
std::string date(std::time_t when);
std::string date_and_time(std::time_t when);

// "A128GCM (1)".
std::string algorithm_text(std::uint8_t algorithm);

// Takes COSE's name or number of an algorithm of the protocol. Fault, with all their names: it is not one.
Checked<std::uint8_t> parse_algorithm(const std::string& text);

// A certificate by its SHA-256, or by its serial number, in hex: with or without colons, as OpenSSL writes them.
// Nothing: it is not one.
std::optional<keyring::Fingerprint> parse_sha256(const std::string& text);
std::optional<keyring::Fingerprint> parse_serial(const std::string& text);

// Seconds of "7d", "12h", "30m" or "90s": from 1 second to 10 years. Fault, with `option`: it is not a duration.
Checked<std::int64_t> parse_duration(const std::string& option, const std::string& text);

// Fault, with `option`: `text` has control characters, which would garble a terminal or a log.
Checked<Done> check_one_line(const std::string& option, const std::string& text);

// `who`, or, if it is empty, the user who runs this program (under sudo, the user who called it).
std::string name_of_user(const std::string& who);

}  // namespace reseal::admin
