// SPDX-License-Identifier: Apache-2.0
#include "engine/sessions.h"

#include <algorithm>

namespace reseal::engine {

Standing& Sessions::begin(Session& session) {
    auto standing = std::make_unique<Standing>();
    standing->session = &session;
    standing->id = session.id;
    standing->client_id = session.client_id;
    standing->spending = spendings.of(session.principal);
    session.standing = standing.get();
    return *by_principal_.emplace(session.principal, std::move(standing))->second;
}

bool Sessions::end(const Session& session, Departed::Client client) {
    client.will = session.standing->will;
    departed.left(session.principal, session.client_id, std::move(client));
    rekeys_due.erase(session.standing);
    acks_due.erase(session.standing);
    const auto [first, last] = by_principal_.equal_range(session.principal);
    by_principal_.erase(
        std::find_if(first, last, [&](const auto& each) { return each.second.get() == session.standing; }));
    return !by_principal_.contains(session.principal);
}

std::size_t Sessions::others_connected(std::string_view principal, std::string_view client_id) const {
    const auto [first, last] = by_principal_.equal_range(principal);
    return static_cast<std::size_t>(std::count_if(
        first, last, [&](const auto& each) { return each.second->connected && each.second->client_id != client_id; }));
}

bool Sessions::in_flight(std::string_view principal, const reseal_envelope& message) const {
    const auto [first, last] = by_principal_.equal_range(principal);
    return std::any_of(first, last, [&](const auto& each) {
        return each.second->in_flight != nullptr && each.second->in_flight->contains(message);
    });
}

bool Sessions::take_will(const Session& session, const reseal_envelope& will) {
    if (!session.standing->will.admits(will)) {
        return false;
    }
    each_of(session.principal, [&](Standing& each) { each.will.spent(will); });
    departed.spent(session.principal, will);
    session.standing->will.close();
    return true;
}

Spending& Sessions::spend(Standing& standing, budget::Time moment) {
    moment_ = std::max(moment_, moment);
    return *standing.spending;
}

void Sessions::new_key(std::string_view principal) {
    each_of(principal, [this](Standing& each) {
        each.session->new_key.store(true, std::memory_order_release);
        rekeys_due.insert(&each);
    });
}

void Sessions::note_accepted(Standing& standing, const KeyId& key) {
    if (standing.ack_qos) {
        if (std::ranges::find(standing.acks_of, key) == standing.acks_of.end()) {
            standing.acks_of.push_back(key);
        }
        acks_due.insert(&standing);
    }
}

}  // namespace reseal::engine
