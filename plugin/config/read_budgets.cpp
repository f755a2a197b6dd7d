// SPDX-License-Identifier: Apache-2.0
#include "config/read_budgets.h"

#include <array>
#include <span>
#include <vector>

namespace reseal::config {
namespace {

constexpr std::array<std::string_view, 3> known_of_budgets{"principal", "address", "strangers"};
constexpr Range number_range{1, 1'000'000};
constexpr Range bytes_range{1024, 4'000'000'000};

struct Entry {
    std::string_view name;
    std::uint32_t& limit;
    const Range& range;
};

bool is_none(const Place& place) {
    return place.element->kind == Kind::scalar && place.element->plain && place.element->text == "none";
}

void read_entries(Reader& reader, const Place& place, std::span<const Entry> entries) {
    std::vector<std::string_view> names;
    for (const Entry& entry : entries) {
        names.push_back(entry.name);
    }
    if (!reader.is_map(place, names)) {
        return;
    }
    for (const Entry& entry : entries) {
        if (const auto value = Reader::find(place, entry.name)) {
            entry.limit = is_none(*value) ? 0 : reader.number(*value, entry.range);
        }
    }
}

}  // namespace

budget::Limits read_budgets(Reader& reader, const Place& place) {
    budget::Limits out;
    auto& [principal, address, strangers] = out;
    if (is_none(place)) {
        return {.principal = {0, 0, 0, 0, 0, 0, 0}, .address = {0, 0}, .strangers = {0, 0}};
    }
    if (!reader.is_map(place, known_of_budgets)) {
        return out;
    }
    if (const auto of = Reader::find(place, "principal")) {
        const std::array entries{Entry{"messages", principal.messages, number_range},
                                 Entry{"bytes", principal.bytes, bytes_range},
                                 Entry{"connects", principal.connects, number_range},
                                 Entry{"sessions", principal.sessions, number_range},
                                 Entry{"subscriptions", principal.subscriptions, number_range},
                                 Entry{"retained_topics", principal.retained_topics, number_range},
                                 Entry{"audit_lines", principal.audit_lines, number_range}};
        read_entries(reader, *of, entries);
    }
    if (const auto of = Reader::find(place, "address")) {
        const std::array entries{Entry{"connects", address.connects, number_range},
                                 Entry{"audit_lines", address.audit_lines, number_range}};
        read_entries(reader, *of, entries);
    }
    if (const auto of = Reader::find(place, "strangers")) {
        const std::array entries{Entry{"connects", strangers.connects, number_range},
                                 Entry{"audit_lines", strangers.audit_lines, number_range}};
        read_entries(reader, *of, entries);
    }
    return out;
}

}  // namespace reseal::config
