#include "observe/repeats.h"

namespace reseal::observe {
namespace {

constexpr std::size_t object_most = 256;

// What was asked for: a topic or, at connect, a client id.
std::string_view object_of(const Refused& event) {
    return (event.topic.empty() ? event.client_id : event.topic).substr(0, object_most);
}

std::string_view who_of(const Refused& event) {
    return event.principal.empty() ? event.address : event.principal;
}

}  // namespace

Refused Repeats::Kind::refused() const {
    return {.action = action,
            .principal = principal,
            .client_id = has_topic ? std::string_view() : object,
            .topic = has_topic ? object : std::string_view(),
            .reason = reason,
            .address = address};
}

bool Repeats::first(const Refused& event) {
    const std::string_view who = who_of(event);
    const std::string_view object = object_of(event);
    name_kind(event, who, object);
    if (const auto known = kinds_.find(name_); known != kinds_.end()) {
        ++known->second.count;
        return false;
    }
    name_.assign(who);
    const auto mine = kinds_of_.find(name_);
    if (kinds_.size() >= kinds_of_all) {
        return add(event, {}, {});
    }
    return add(event, who, mine == kinds_of_.end() || mine->second < kinds_of_one ? object : std::string_view());
}

bool Repeats::add(const Refused& event, std::string_view who, std::string_view object) {
    name_kind(event, who, object);
    const auto [kind, fresh] = kinds_.try_emplace(name_);
    if (!fresh) {
        ++kind->second.count;
        return false;
    }
    kind->second.action = event.action;
    kind->second.principal = who.empty() ? std::string_view() : event.principal;
    kind->second.address = who.empty() ? std::string_view() : event.address;
    kind->second.object = object;
    kind->second.has_topic = !event.topic.empty();
    kind->second.reason = event.reason;
    ++kinds_of_[std::string(who)];
    return true;
}

void Repeats::forget(const Kind& kind) {
    const auto mine = kinds_of_.find(kind.principal.empty() ? kind.address : kind.principal);
    if (mine != kinds_of_.end() && --mine->second == 0) {
        kinds_of_.erase(mine);
    }
}

void Repeats::name_kind(const Refused& event, std::string_view who, std::string_view object) {
    name_.assign(event.action).append(1, '\n').append(policy::name(event.reason));
    name_.append(event.principal.empty() ? "\n@" : "\n").append(who).append(1, '\n').append(object);
}

}  // namespace reseal::observe
