#include "mosquitto/clients.h"

#include "mosquitto/identity.h"

namespace reseal::broker {

namespace {
constexpr std::size_t resumed_most = 1000;
}

Client& Clients::add(const mosquitto* client, gateway::Session& session) {
    remove(client);  // the broker has reused the address of a client that is long gone
    const mosquitto*& current = by_id_[session.client_id];
    if (current != nullptr) {
        disconnect(current);
    }
    current = client;
    Client& out = clients_[client];
    out.session = &session;
    out.connected = true;
    out.version = mosquitto_client_protocol_version(client);
    return out;
}

Client* Clients::find(const mosquitto* client) {
    if (const auto known = clients_.find(client); known != clients_.end()) {
        return &known->second;
    }
    if (has_certificate(client)) {
        return nullptr;  // connected, and nobody asked the plugin who it is
    }
    const std::string_view id = text(mosquitto_client_id(client));
    gateway::Session* session = gateway_->resume(text(mosquitto_client_username(client)), id);
    if (session == nullptr) {
        return nullptr;
    }
    remember_resumed(client);
    by_id_[std::string(id)] = client;
    Client& out = clients_[client];
    out.session = session;
    out.version = mosquitto_client_protocol_version(client);
    return &out;
}

Client* Clients::connected(const mosquitto* client) {
    const auto known = clients_.find(client);
    return known != clients_.end() && known->second.connected ? &known->second : nullptr;
}

void Clients::remember_resumed(const mosquitto* client) {
    resumed_.push_back(client);
    if (resumed_.size() <= resumed_most) {
        return;
    }
    const auto oldest = clients_.find(resumed_.front());
    resumed_.pop_front();
    if (oldest != clients_.end() && !oldest->second.connected) {
        remove(oldest->first);
    }
}

void Clients::disconnect(const mosquitto* client) {
    const auto known = clients_.find(client);
    if (known != clients_.end()) {
        known->second.connected = false;
        gone_.push_back(client);
    }
}

bool Clients::connected(std::string_view client_id) const {
    const auto known = by_id_.find(std::string(client_id));
    if (known == by_id_.end()) {
        return false;
    }
    const auto client = clients_.find(known->second);
    return client != clients_.end() && client->second.connected;
}

void Clients::drop(std::string_view client_id) {
    if (const auto known = by_id_.find(std::string(client_id)); known != by_id_.end()) {
        remove(known->second);
    }
}

void Clients::sweep() {
    for (const mosquitto* client : gone_) {
        const auto known = clients_.find(client);
        if (known != clients_.end() && !known->second.connected) {
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
    gateway::Session* session = known->second.session;
    if (const auto id = by_id_.find(session->client_id); id != by_id_.end() && id->second == client) {
        by_id_.erase(id);
    }
    gateway_->end(session);
    clients_.erase(known);
}

}  // namespace reseal::broker
