// The loopback listeners that the configuration names.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mosquitto/broker.h"

namespace reseal::broker {

class NamedListeners {
  public:
    explicit NamedListeners(std::vector<std::uint16_t> ports) : ports_(std::move(ports)) {}

    // Did `client` come through a named listener? Mosquitto 2.0 does not tell a client's listener: there the client
    // must come from a loopback address, and every named port must be bound to loopback alone.
    [[nodiscard]] bool include(const mosquitto* client) const;

    // Named ports that are reachable from other machines: while there is one, none is accepted.
    [[nodiscard]] const std::vector<std::uint16_t>& exposed() const;

  private:
    std::vector<std::uint16_t> ports_;
    // Looked up once, at the first question: a broker opens its listeners before it takes clients, and then no more.
    mutable std::optional<std::vector<std::uint16_t>> exposed_;
};

}  // namespace reseal::broker
