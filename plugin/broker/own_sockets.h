// SPDX-License-Identifier: Apache-2.0
// The TCP sockets of this process. Sockets of other processes are not read: the kernel's table of all sockets takes
// tens of milliseconds when an address has many connections.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

namespace reseal::broker {

// An IPv6 address. IPv4 addresses are mapped into it (RFC 4291 section 2.5.5.2).
using Address = std::array<std::uint8_t, 16>;
std::optional<Address> parse_address(std::string_view text);
[[nodiscard]] bool is_loopback(const Address& address);

struct ListeningPorts {
    std::set<std::uint16_t> all;
    std::set<std::uint16_t> beyond_loopback;  // at an address that is not a loopback address
};
ListeningPorts listening_ports();

// The local ports of the connections with `remote`. Costs about a microsecond for each file that the process has open.
std::set<std::uint16_t> ports_connected_to(const Address& remote);

}  // namespace reseal::broker
