// SPDX-License-Identifier: Apache-2.0
#include "observe/repeats.h"

namespace reseal::observe {
namespace {

constexpr std::size_t object_most = 256;

// What was asked for: a topic or, at connect, a client id or a name.
std::string_view object_of(const Refused& event) {
    const std::string_view name = event.client_id.empty() ? event.principal : event.client_id;
    return (event.topic.empty() ? name : event.topic).substr(0, object_most);
}

}  // namespace

Refused Repeats::Kind::refused() const {
    return {.action = action,
            .principal = principal,
            .client_id = client,
            .topic = topic,
            .reason = reason,
            .address = address,
            .proven = proven};
}

bool Repeats::first(const Refused& event) {
    const std::string_view who = event.who();
    const std::string_view object = object_of(event);
    const bool principal = event.proven && !event.principal.empty();
    Table& table = principal ? principals_ : strangers_;
    name_kind(event, who, object);
    if (const auto known = table.kinds.find(name_); known != table.kinds.end()) {
        ++known->second.count;
        return false;
    }
    if (table.kinds.size() >= (principal ? kinds_of_principals : kinds_of_all)) {
        return add(table, event, {}, {});
    }
    name_.assign(who);
    const auto mine = table.kinds_of.find(name_);
    const bool told_apart =
        table.kinds.size() < kinds_of_all && (mine == table.kinds_of.end() || mine->second < kinds_of_one);
    return add(table, event, who, told_apart ? object : std::string_view());
}

bool Repeats::add(Table& table, const Refused& event, std::string_view who, std::string_view object) {
    name_kind(event, who, object);
    const auto [kind, fresh] = table.kinds.try_emplace(name_);
    if (!fresh) {
        ++kind->second.count;
        return false;
    }
    Kind& added = kind->second;
    added.proven = event.proven;
    added.who = who;
    added.action = event.action;
    added.reason = event.reason;
    added.address = who.empty() ? std::string_view() : event.address;
    added.topic = object.empty() ? std::string_view() : event.topic.substr(0, object_most);
    added.client = object.empty() || !event.topic.empty() ? std::string_view() : event.client_id.substr(0, object_most);
    if (event.proven ? !who.empty() : !object.empty()) {
        added.principal = event.principal.substr(0, object_most);
    }
    ++table.kinds_of[std::string(who)];
    return true;
}

void Repeats::Table::forget(const Kind& kind) {
    const auto mine = kinds_of.find(kind.who);
    if (mine != kinds_of.end() && --mine->second == 0) {
        kinds_of.erase(mine);
    }
}

void Repeats::name_kind(const Refused& event, std::string_view who, std::string_view object) {
    name_.assign(event.action).append(1, '\n').append(name_of(event.reason));
    name_.append(event.proven && !event.principal.empty() ? "\n" : "\n@").append(who).append(1, '\n').append(object);
}

}  // namespace reseal::observe
