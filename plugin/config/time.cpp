#include "config/time.h"

#include <array>

namespace reseal::config {
namespace {

// The number that two digits (or four) at `at` write; -1 if they are none.
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

// Of "Z", "+01:00", "-05:30", in minutes.
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

bool leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int days_in(int month, int year) {
    constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days.at(static_cast<std::size_t>(month - 1)) + (month == 2 && leap(year) ? 1 : 0);
}

// From the beginning of 1970 to that of `year`.
int days_before(int year) {
    const int last = year - 1;
    return (year - 1970) * 365 + (last / 4 - 492) - (last / 100 - 19) + (last / 400 - 4);
}

// Days since the beginning of 1970; nothing if there is no such day.
std::optional<int> days_of(int year, int month, int day) {
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(month, year)) {
        return std::nullopt;
    }
    int days = days_before(year) + day - 1;
    for (int before = 1; before < month; ++before) {
        days += days_in(before, year);
    }
    return days;
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
    const UnixTime minutes = (UnixTime{*days} * 24 + hour) * 60 + minute - *offset;
    return minutes * 60 + second;
}

}  // namespace reseal::config
