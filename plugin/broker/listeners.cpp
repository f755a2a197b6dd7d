// SPDX-License-Identifier: Apache-2.0
#include "broker/listeners.h"

#include <algorithm>
#include <set>

#include <dlfcn.h>

#include "broker/broker.h"

namespace reseal::broker {

namespace {

// Mosquitto 2.1 and later tell the port of a client's listener. 2.0 lacks the function; then the answer is 0.
int listener_port(const mosquitto* client) {
    using Function = int (*)(const mosquitto*);
    static const auto function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "mosquitto_client_port"));
    return function == nullptr ? 0 : function(client);
}

bool contains(const std::vector<std::uint16_t>& ports, int port) {
    return std::ranges::find(ports, port) != ports.end();
}

bool from_loopback(const mosquitto* client) {
    const auto address = parse_address(text(mosquitto_client_address(client)));
    return address && is_loopback(*address);
}

}  // namespace

std::optional<engine::Listener> NamedListeners::of(const mosquitto* client) const {
    using engine::Listener;
    const auto& named = ports_.loopback;
    const int port = listener_port(client);
    const bool mqtt = mosquitto_client_protocol(client) == mp_mqtt;  // over WebSockets an address may be anything
    if (port == 0 && mqtt && text(mosquitto_client_address(client)).starts_with('/')) {
        return contains(named, 0) ? Listener::loopback : Listener::other;
    }
    const bool loopback = !named.empty() && from_loopback(client) && (port == 0 || contains(named, port));
    if (loopback && exposed().empty()) {
        return port == 0 && !mqtt ? Listener::loopback_unsure : Listener::loopback;
    }
    const bool some = !ports_.sealed.empty() || !ports_.psk.empty();
    return port == 0 && some ? std::nullopt : std::optional(by_port(port));
}

engine::Listener NamedListeners::by_port(int port) const {
    if (contains(ports_.sealed, port)) {
        return engine::Listener::sealed;
    }
    return contains(ports_.psk, port) ? engine::Listener::psk : engine::Listener::other;
}

engine::Listener NamedListeners::by_connections(const mosquitto* client) const {
    const auto address = parse_address(text(mosquitto_client_address(client)));
    if (!address) {
        return engine::Listener::other;
    }
    std::set<engine::Listener> found;
    for (const std::uint16_t port : ports_connected_to(*address)) {
        if (listening().all.contains(port)) {
            found.insert(by_port(port));
        }
    }
    if (found.size() > 1 && found.contains(engine::Listener::other)) {
        return engine::Listener::unsure;
    }
    const bool sealed = found.contains(engine::Listener::sealed);
    return found.empty() ? engine::Listener::other : sealed ? engine::Listener::sealed : *found.begin();
}

const ListeningPorts& NamedListeners::listening() const {
    if (!listening_) {
        listening_ = listening_ports();
    }
    return *listening_;
}

std::vector<std::string> NamedListeners::absent() const {
    std::vector<std::string> out;
    for (const auto& [key, ports] : {std::pair("loopback_listeners", &ports_.loopback),
                                     {"sealed_listeners", &ports_.sealed},
                                     {"psk_listeners", &ports_.psk}}) {
        for (const std::uint16_t port : *ports) {
            if (port != 0 && !listening().all.contains(port)) {
                const std::string number = std::to_string(port);
                out.emplace_back(key)
                    .append(": the broker does not listen on port ")
                    .append(number)
                    .append("; write listener ")
                    .append(number)
                    .append(" in mosquitto.conf, or name another port here");
            }
        }
    }
    return out;
}

const std::vector<std::uint16_t>& NamedListeners::exposed() const {
    if (exposed_) {
        return *exposed_;
    }
    auto& out = exposed_.emplace();
    std::ranges::copy_if(ports_.loopback, std::back_inserter(out),
                         [this](std::uint16_t port) { return listening().beyond_loopback.contains(port); });
    return out;
}

}  // namespace reseal::broker
