// The loopback listeners that the configuration names.
#pragma once

#include <cstdint>
#include <istream>
#include <vector>

#include "mosquitto/broker.h"

namespace reseal::broker {

// Reads a table of the kernel's (/proc/net/tcp, /proc/net/tcp6): does a socket listen on `port` at an address that is
// no loopback address?
bool listens_beyond_loopback(std::istream& table, std::uint16_t port);

class NamedListeners {
  public:
    explicit NamedListeners(std::vector<std::uint16_t> ports) : ports_(std::move(ports)) {}

    // Did `client` come through a named listener? Mosquitto 2.0 does not tell a client's listener: there the client
    // must come from a loopback address, and every named port must be bound to loopback alone.
    [[nodiscard]] bool include(const mosquitto* client) const;

    // Named ports that are reachable from other machines: while there is one, none is accepted.
    [[nodiscard]] std::vector<std::uint16_t> exposed() const;

  private:
    std::vector<std::uint16_t> ports_;
};

}  // namespace reseal::broker
