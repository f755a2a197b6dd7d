// SPDX-License-Identifier: Apache-2.0
#include "broker/clients.h"

#include "base/cache.h"
#include "broker/client_certificate.h"

namespace reseal::broker {

namespace {
constexpr std::size_t resumed_most = 1000;
}

Client& Clients::add(const mosquitto* client, engine::SessionId session) {
    remove(client);  // the broker has reused the address of a client that is long gone
    const mosquitto*& current = by_id_[std::string(text(mosquitto_client_id(client)))];
    if (current != nullptr) {
        disconnect(current);
    }
    current = client;
    Client& out = enter(client, session);
    out.connected = true;
    return out;
}

Client& Clients::enter(const mosquitto* client, engine::SessionId session) {
    Entry& entry = clients_[client];
    entry.handle = client;
    entry.client.session = session;
    entry.client.id = text(mosquitto_client_id(client));
    entry.client.version = static_cast<std::uint8_t>(mosquitto_client_protocol_version(client));
    return entry.client;
}

// The subscribers of a topic are asked for in the same order each time, so most are found where they are expected, and
// what the next ones need is prefetched. With 1,000 subscribers this saves 1.6 % of the broker's CPU for a delivery on
// Mosquitto 2.0.11, and 1.3 % on 2.1.2.
Clients::Entry* Clients::known(const mosquitto* client) {
    if (last_ != nullptr && last_->handle == client) {
        return last_;
    }
    Entry* out = after(last_);
    if (out == nullptr || out->handle != client) {
        const auto found = clients_.find(client);
        if (found == clients_.end()) {
            return nullptr;
        }
        out = &found->second;
        if (last_ != nullptr) {
            last_->next = out;
            last_->removals = removals_;
        }
    }
    fetch_after(*out);
    last_ = out;
    return out;
}

// If an entry was removed since, it may have been the next one.
Clients::Entry* Clients::after(const Entry* entry) const {
    return entry != nullptr && entry->removals == removals_ ? entry->next : nullptr;
}

// Each step reads only memory that was prefetched one client earlier.
void Clients::fetch_after(const Entry& entry) const {
    const Entry* next = after(&entry);
    const Entry* second = after(next);
    const Entry* third = after(second);
    constexpr std::size_t lines = 2;
    fetch(third, lines);
    const auto session_of = [](const Entry* each) {
        return each != nullptr ? each->client.session : engine::SessionId();
    };
    worker_->expect(session_of(second), session_of(next));
}

Client* Clients::find(const mosquitto* client) {
    if (Entry* entry = known(client)) {
        return &entry->client;
    }
    if (has_certificate(client)) {
        return nullptr;  // connected, but the broker did not ask the plugin about it
    }
    const std::string_view id = text(mosquitto_client_id(client));
    const engine::SessionId session = worker_->resume(text(mosquitto_client_username(client)), id);
    if (!session) {
        return nullptr;
    }
    remember_resumed(client);
    by_id_[std::string(id)] = client;
    return &enter(client, session);
}

Client* Clients::connected(const mosquitto* client) {
    Entry* entry = known(client);
    return entry != nullptr && entry->client.connected ? &entry->client : nullptr;
}

bool Clients::leaving(const mosquitto* client) {
    const Entry* entry = known(client);
    return entry != nullptr && !entry->client.connected;
}

void Clients::remember_resumed(const mosquitto* client) {
    resumed_.push_back(client);
    if (resumed_.size() <= resumed_most) {
        return;
    }
    const auto oldest = clients_.find(resumed_.front());
    resumed_.pop_front();
    if (oldest != clients_.end() && !oldest->second.client.connected) {
        remove(oldest->first);
    }
}

void Clients::disconnect(const mosquitto* client) {
    const auto known = clients_.find(client);
    if (known != clients_.end()) {
        known->second.client.connected = false;
        worker_->disconnected(known->second.client.session);
        gone_.push_back(client);
    }
}

bool Clients::connected(std::string_view client_id) const {
    const auto known = by_id_.find(std::string(client_id));
    if (known == by_id_.end()) {
        return false;
    }
    const auto client = clients_.find(known->second);
    return client != clients_.end() && client->second.client.connected;
}

void Clients::drop(std::string_view client_id) {
    if (const auto known = by_id_.find(std::string(client_id)); known != by_id_.end()) {
        remove(known->second);
    }
}

void Clients::sweep() {
    for (const mosquitto* client : gone_) {
        const auto known = clients_.find(client);
        if (known != clients_.end() && !known->second.client.connected) {
            remove(client);
        }
    }
    gone_.clear();
}

void Clients::remove(const mosquitto* client) {
    const auto known = clients_.find(client);
    if (known == clients_.end()) {
        return;
    }
    if (const auto id = by_id_.find(known->second.client.id); id != by_id_.end() && id->second == client) {
        by_id_.erase(id);
    }
    worker_->end(known->second.client.session);
    clients_.erase(known);
    ++removals_;
    last_ = nullptr;
}

}  // namespace reseal::broker
