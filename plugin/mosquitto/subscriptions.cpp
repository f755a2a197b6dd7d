#include "mosquitto/subscriptions.h"

#include <algorithm>

#include "policy/topic.h"

namespace reseal::broker {

void Subscriptions::add(std::string_view client_id, std::string_view filter, std::uint8_t qos) {
    clients_[std::string(client_id)].insert_or_assign(std::string(filter), qos);
}

void Subscriptions::remove(std::string_view client_id, std::string_view filter) {
    const auto client = clients_.find(std::string(client_id));
    if (client == clients_.end()) {
        return;
    }
    if (const auto known = client->second.find(filter); known != client->second.end()) {
        client->second.erase(known);
    }
    if (client->second.empty()) {
        clients_.erase(client);
    }
}

void Subscriptions::forget(std::string_view client_id) {
    clients_.erase(std::string(client_id));
}

std::optional<std::uint8_t> Subscriptions::qos(std::string_view client_id, std::string_view topic) const {
    const auto client = clients_.find(std::string(client_id));
    if (client == clients_.end()) {
        return std::nullopt;
    }
    std::optional<std::uint8_t> highest;
    for (const auto& [filter, qos] : client->second) {
        if (policy::matches(policy::without_share(filter), topic)) {
            highest = std::max(highest.value_or(0), qos);
        }
    }
    return highest;
}

}  // namespace reseal::broker
