// How the program writes values.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>

#include "base/fault.h"

namespace reseal::admin {

// "2026-01-31" and "2026-01-31 12:00:00 UTC".
std::string date(std::time_t when);
std::string date_and_time(std::time_t when);

// "A128GCM (1)".
std::string algorithm_text(std::uint8_t algorithm);

// COSE's name or number of an algorithm of the protocol. Fault: it is none; names them all.
Checked<std::uint8_t> parse_algorithm(const std::string& text);

// Seconds of "7d", "12h", "30m" or "90s": from 1 second to 10 years. Fault: it is none; `option` says where.
Checked<std::int64_t> parse_duration(const std::string& option, const std::string& text);

// Fault: `text` has control characters in it, which would garble a terminal or a log; `option` says where.
Checked<Done> check_one_line(const std::string& option, const std::string& text);

// `who`, or, if it is empty, the user who runs this program (who called sudo, if that did).
std::string name_of_user(const std::string& who);

}  // namespace reseal::admin
