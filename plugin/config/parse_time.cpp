// SPDX-License-Identifier: Apache-2.0
#include "config/parse_time.h"

#include <chrono>

namespace reseal::config {
namespace {

// The number of two (or four) digits at `at`. -1 if they are not digits.
int digits(std::string_view text, std::size_t at, std::size_t count = 2) {
    int out = 0;
    for (const char c : text.substr(at, count)) {
        if (c < '0' || c > '9') {
            return -1;
        }
        out = out * 10 + (c - '0');
    }
    return out;
}

bool within(int number, int most) {
    return 0 <= number && number <= most;
}

// The offset of "Z", "+01:00", "-05:30", in minutes.
std::optional<int> parse_offset(std::string_view text) {
    if (text == "Z") {
        return 0;
    }
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const int hours = digits(text, 1);
    const int minutes = digits(text, 4);
    if (!within(hours, 23) || !within(minutes, 59)) {
        return std::nullopt;
    }
    return (hours * 60 + minutes) * (text[0] == '-' ? -1 : 1);
}

bool has_form(std::string_view text) {
    constexpr std::string_view form = "0000-00-00T00:00:00";
    if (text.size() <= form.size()) {
        return false;
    }
    for (std::size_t i = 0; i < form.size(); ++i) {
        const bool digit = '0' <= text[i] && text[i] <= '9';
        if (form[i] == '0' ? !digit : text[i] != form[i]) {
            return false;
        }
    }
    return true;
}

// Days since the beginning of 1970. Nothing if there is no such day.
std::optional<UnixTime> days_of(int year, int month, int day) {
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    return year >= 1970 && date.ok() ? std::optional<UnixTime>(std::chrono::sys_days(date).time_since_epoch().count())
                                     : std::nullopt;
}

}  // namespace

std::optional<UnixTime> parse_time(std::string_view text) {
    if (!has_form(text)) {
        return std::nullopt;
    }
    const auto days = days_of(digits(text, 0, 4), digits(text, 5), digits(text, 8));
    const auto offset = parse_offset(text.substr(19));
    const int hour = digits(text, 11);
    const int minute = digits(text, 14);
    const int second = digits(text, 17);
    if (!days || !offset || hour > 23 || minute > 59 || second > 59) {
        return std::nullopt;
    }
    const UnixTime minutes = (*days * 24 + hour) * 60 + minute - *offset;
    return minutes * 60 + second;
}

}  // namespace reseal::config
