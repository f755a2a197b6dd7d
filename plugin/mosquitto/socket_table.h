// The kernel's table of TCP sockets.
#pragma once

#include <array>
#include <cstdint>
#include <istream>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace reseal::broker {

// As in IPv6, an IPv4 address mapped into it (RFC 4291 section 2.5.5.2).
using Address = std::array<std::uint8_t, 16>;
std::optional<Address> parse_address(std::string_view text);

// Each `table` is /proc/net/tcp or /proc/net/tcp6. What is no line of such a table is passed over.

// Does a socket listen on `port` at an address that is no loopback address?
bool listens_beyond_loopback(std::istream& table, std::uint16_t port);

// The ports on which sockets listen whose number (inode) is in `sockets`.
std::set<std::uint16_t> listening_ports(std::istream& table, const std::set<std::uint64_t>& sockets);

// The local ports of the connections that `remote` has.
std::set<std::uint16_t> connected_ports(std::istream& table, const Address& remote);

}  // namespace reseal::broker
