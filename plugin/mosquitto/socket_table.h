// The kernel's table of TCP sockets.
#pragma once

#include <cstdint>
#include <istream>

namespace reseal::broker {

// `table` is /proc/net/tcp or /proc/net/tcp6: does a socket listen on `port` at an address that is no loopback address?
bool listens_beyond_loopback(std::istream& table, std::uint16_t port);

}  // namespace reseal::broker
