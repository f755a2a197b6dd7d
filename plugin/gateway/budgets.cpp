// A client over its budget is refused before its request costs more than the refusal.
#include <algorithm>

#include "gateway/gateway.h"

namespace reseal::gateway {

// On a reload the broker asks again about connected clients. That is not the client's doing.
Refusal Gateway::prove_within_budget(const Peer& peer, std::time_t now, Proven& proven) {
    if (peer.session != nullptr) {
        return prove(peer, now, proven);
    }
    moment_ = peer.moment;
    const budget::Limits& limits = parts_.settings.budgets;
    if (!peer.certificate) {
        if (const Refusal over = strangers_.look(limits, peer.address, moment_); over != Refusal::none) {
            return over;
        }
    }
    const Refusal refusal = prove(peer, now, proven);
    if (refusal == Refusal::none) {
        return admit_connect(*proven.principal, peer.client_id);
    }
    if (!peer.certificate) {
        strangers_.refused(limits, peer.address, moment_);
    }
    return refusal;
}

Refusal Gateway::admit_connect(const keyring::Principal& principal, std::string_view client_id) {
    const budget::Limits::Principal& limits = parts_.settings.budgets.principal;
    if (limits.sessions != 0 && others_connected(principal.id, client_id) >= limits.sessions) {
        return Refusal::over_budget_sessions;
    }
    return spendings_.of(principal.id)->connect(limits, moment_);
}

// A session that is being taken over is about to end.
std::size_t Gateway::others_connected(std::string_view principal, std::string_view client_id) const {
    const auto [first, last] = by_principal_.equal_range(principal);
    return static_cast<std::size_t>(std::count_if(
        first, last, [&](const auto& each) { return each.second->connected && each.second->client_id != client_id; }));
}

bool Gateway::admit_reauthentication(const Session& session, budget::Time now) {
    moment_ = now;
    const Refusal refusal = session.spending->connect(parts_.settings.budgets.principal, moment_);
    if (refusal != Refusal::none) {
        report(session, "reauthenticate", {}, refusal);
    }
    return refusal == Refusal::none;
}

// A client with the right to forward brings other publishers' messages, which their brokers have let in.
bool Gateway::admit_publish(const Session& session, std::string_view topic, std::size_t bytes, budget::Time now) {
    moment_ = now;
    const Refusal refusal = session.spending->publish(parts_.settings.budgets.principal, bytes, moment_);
    if (refusal == Refusal::none || session.rights.forward(asked_.of(topic).topic, now_)) {
        return true;
    }
    report(session, "publish", topic, refusal);
    return false;
}

bool Gateway::admit_subscription(const Session& session, std::string_view filter, std::size_t held) const {
    const std::uint32_t most = parts_.settings.budgets.principal.subscriptions;
    if (most == 0 || held < most) {
        return true;
    }
    report(session, "subscribe", filter, Refusal::over_budget_subscriptions);
    return false;
}

// A topic that ever had a retained message stays known for good, in the replay file too.
bool Gateway::admit_retained(const Session& session, std::string_view topic) {
    const Refusal refusal = session.spending->retain(parts_.settings.budgets.principal, moment_);
    if (refusal == Refusal::none || session.rights.forward(asked_.of(topic).topic, now_)) {
        return true;
    }
    report(session, "retain", topic, refusal);
    return false;
}

void Gateway::sweep_budgets() {
    constexpr int every = 120;  // refreshes: a minute
    if (++refreshes_ % every == 0) {
        spendings_.sweep(parts_.settings.budgets.principal, moment_);
        strangers_.sweep(parts_.settings.budgets, moment_);
    }
}

}  // namespace reseal::gateway
