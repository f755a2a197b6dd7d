// SPDX-License-Identifier: Apache-2.0
#include "engine/departed.h"

#include <algorithm>
#include <utility>

namespace reseal::engine {

void Departed::left(const std::string& principal, const std::string& client_id, Client client) {
    returned(principal, client_id);
    if (!client.will.open() && client.channel == Channel::guarded && !client.token) {
        return;
    }
    Clients& clients = principals_[principal];
    if (clients.entries.size() == most_of_one) {
        clients.entries.pop_front();
        clients.crowded = true;
    }
    clients.entries.push_back({client_id, std::move(client)});
}

Departed::Client Departed::of(const std::string& principal, std::string_view client_id) const {
    const auto known = principals_.find(principal);
    if (known == principals_.end()) {
        return {};
    }
    const auto& [entries, crowded] = known->second;
    const auto found = std::ranges::find(entries, client_id, &Entry::client_id);
    return found != entries.end() ? found->client
                                  : Client{.will = {}, .channel = crowded ? Channel::bare : Channel::guarded};
}

void Departed::spent(const std::string& principal, const reseal_envelope& will) {
    if (const auto known = principals_.find(principal); known != principals_.end()) {
        for (Entry& entry : known->second.entries) {
            entry.client.will.spent(will);
        }
    }
}

void Departed::returned(const std::string& principal, std::string_view client_id) {
    const auto known = principals_.find(principal);
    if (known == principals_.end()) {
        return;
    }
    auto& [entries, crowded] = known->second;
    std::erase_if(entries, [client_id](const Entry& entry) { return entry.client_id == client_id; });
    if (entries.empty() && !crowded) {
        principals_.erase(known);
    }
}

}  // namespace reseal::engine
