#include "config/time.h"

#include <chrono>

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

// "Z", "+01:00", "-05:30".
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
    if (text == "Z") {
        return std::chrono::minutes(0);
    }
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const int hours = digits(text, 1);
    const int minutes = digits(text, 4);
    if (!within(hours, 23) || !within(minutes, 59)) {
        return std::nullopt;
    }
    const std::chrono::minutes offset(hours * 60 + minutes);
    return text[0] == '-' ? -offset : offset;
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

}  // namespace

std::optional<std::time_t> parse_time(std::string_view text) {
    using namespace std::chrono;
    if (!has_form(text)) {
        return std::nullopt;
    }
    const auto offset = parse_offset(text.substr(19));
    const year_month_day date{year(digits(text, 0, 4)), month(static_cast<unsigned>(digits(text, 5))),
                              day(static_cast<unsigned>(digits(text, 8)))};
    const int hour = digits(text, 11);
    const int minute = digits(text, 14);
    const int second = digits(text, 17);
    if (!offset || !date.ok() || !within(hour, 23) || !within(minute, 59) || !within(second, 59)) {
        return std::nullopt;
    }
    const auto time = sys_days(date) + hours(hour) + minutes(minute) + seconds(second) - *offset;
    return static_cast<std::time_t>(time.time_since_epoch().count());
}

}  // namespace reseal::config
