// SPDX-License-Identifier: Apache-2.0
// The listeners without certificates that the configuration names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/own_sockets.h"
#include "engine/values.h"

namespace reseal::broker {

class NamedListeners {
  public:
    struct Ports {
        std::vector<std::uint16_t> loopback;
        std::vector<std::uint16_t> sealed;
        std::vector<std::uint16_t> psk;
    };
    explicit NamedListeners(Ports ports) : ports_(std::move(ports)) {}

    // The listener of `client`, which has no certificate. Nothing if only a look at all connections can tell: see
    // by_connections(). A Unix socket is port 0; its client's address is its path. Mosquitto 2.0 does not tell a
    // client's listener. There it counts as loopback if the client's address is loopback, and every port under
    // loopback_listeners is bound only to loopback. Over WebSockets it counts as `loopback_unsure`, because 2.0.21
    // believes any address in X-Forwarded-For.
    [[nodiscard]] std::optional<engine::Listener> of(const mosquitto* client) const;
    // With Mosquitto 2.0: a sealed listener if the client's address is connected to ports under sealed_listeners, a psk
    // listener if it is connected to ports under psk_listeners and to no sealed one; `unsure` if also to others on
    // which this process listens.
    [[nodiscard]] engine::Listener by_connections(const mosquitto* client) const;

    [[nodiscard]] bool any_psk() const { return !ports_.psk.empty(); }

    // Ports under loopback_listeners that other machines can reach. If there is any, no loopback listener is accepted.
    [[nodiscard]] const std::vector<std::uint16_t>& exposed() const;

    // For people: the named ports on which this process does not listen.
    [[nodiscard]] std::vector<std::string> absent() const;

  private:
    [[nodiscard]] const ListeningPorts& listening() const;
    [[nodiscard]] engine::Listener by_port(int port) const;

    Ports ports_;
    // Looked up once, at the first question: a broker opens all its listeners before it takes clients.
    mutable std::optional<std::vector<std::uint16_t>> exposed_;
    mutable std::optional<ListeningPorts> listening_;
};

}  // namespace reseal::broker
