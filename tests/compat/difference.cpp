// SPDX-License-Identifier: Apache-2.0
#include "compat/difference.h"

#include <algorithm>
#include <array>

namespace compat {

namespace {

void erase_word(std::string& line, const std::string& begin) {
    for (std::size_t at = line.find(begin); at != std::string::npos; at = line.find(begin)) {
        line.erase(at, line.find(' ', at + 1) - at);
    }
}

// Properties come after the flags. A value may contain spaces, so they are all removed together.
void erase_properties(std::string& line) {
    const std::size_t flags = line.find("' q");
    for (const char* first : {" format=", " type=", " response=", " correlation=", " user("}) {
        if (const std::size_t at = line.find(first, flags == std::string::npos ? line.size() : flags);
            at != std::string::npos) {
            line.erase(at);
        }
    }
}

void say_replayed(std::string& line) {
    const std::size_t from = line.find('\'');
    const std::size_t to = line.rfind("' q");
    if (from != std::string::npos && to != std::string::npos && line.find(" dup") != std::string::npos) {
        line.replace(from + 1, to - from - 1, "(a copy)");
    }
}

std::string as_with(std::string line, Difference difference) {
    switch (difference) {
        case Difference::retain_flag:
            erase_word(line, " retained");
            break;
        case Difference::subscription_id:
            erase_word(line, " subscription=");
            break;
        case Difference::expiry:
            erase_word(line, " expiry~");
            break;
        case Difference::will_properties:
            erase_properties(line);
            break;
        case Difference::same_copy:
            say_replayed(line);
            break;
    }
    return line;
}

constexpr std::array all = {Difference::retain_flag, Difference::subscription_id, Difference::expiry,
                            Difference::will_properties, Difference::same_copy};

std::optional<std::set<Difference>> compare(const std::string& without, const std::string& with) {
    for (unsigned subset = 0; subset < 1U << all.size(); ++subset) {
        std::string line = without;
        std::set<Difference> used;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if ((subset >> i & 1U) != 0) {
                line = as_with(line, all.at(i));
                used.insert(all.at(i));
            }
        }
        if (line == with) {
            return used;
        }
    }
    return std::nullopt;
}

}  // namespace

const std::vector<Explanation>& explanations() {
    static const std::vector<Explanation> out = {
        {Difference::retain_flag, "the retain flag of what is delivered is 0",
         "mosquitto_broker_publish to one client has a retain flag, but Mosquitto 2.0 queues such a message without "
         "it"},
        {Difference::subscription_id, "subscription identifiers are missing",
         "Mosquitto 2.0 shows a plugin the properties of neither a SUBSCRIBE nor a delivery"},
        {Difference::expiry,
         "a message that is queued, or retained and delivered, does not expire, and comes without its expiry interval",
         "Mosquitto 2.0 takes the interval out of the properties before a plugin sees them"},
        {Difference::will_properties,
         "the properties of a will, and after a restart of the broker those of a retained message, are missing",
         "Mosquitto 2.0 shows a plugin the properties of a message only when a client publishes it"},
        {Difference::same_copy,
         "a QoS 1 or 2 message that is sent again after a reconnect is the same sealed message: a client that has "
         "opened "
         "it already recognises a copy, and one whose receiver forgot opens it",
         "Mosquitto 2.0 sends again what it has queued; nothing asks the plugin"},
    };
    return out;
}

char letter(Difference difference) {
    return static_cast<char>('a' + static_cast<int>(difference));
}

std::optional<std::set<Difference>> compare(const std::vector<std::string>& without,
                                            const std::vector<std::string>& with) {
    if (without.size() != with.size()) {
        return std::nullopt;
    }
    std::set<Difference> out;
    for (std::size_t i = 0; i < with.size(); ++i) {
        const auto line = compare(without[i], with[i]);
        if (!line) {
            return std::nullopt;
        }
        out.insert(line->begin(), line->end());
    }
    return out;
}

}  // namespace compat
