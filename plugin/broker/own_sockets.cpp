// SPDX-License-Identifier: Apache-2.0
#include "broker/own_sockets.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace reseal::broker {

namespace {

constexpr Address v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr std::size_t v4_at = 12;

struct Endpoint {
    Address address{};
    std::uint16_t port = 0;
};

using NameOf = int (*)(int, sockaddr*, socklen_t*);

// The answer of getsockname or getpeername. Nothing if the file is not a TCP socket, or has no such name.
std::optional<Endpoint> endpoint(NameOf name_of, int file) {
    sockaddr_storage found{};
    socklen_t size = sizeof found;
    if (name_of(file, reinterpret_cast<sockaddr*>(&found), &size) != 0) {
        return std::nullopt;
    }
    Endpoint out;
    if (found.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(found);
        out = {v4_mapped, ntohs(v4.sin_port)};
        std::memcpy(&out.address[v4_at], &v4.sin_addr, sizeof v4.sin_addr);
    } else if (found.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(found);
        out.port = ntohs(v6.sin6_port);
        std::memcpy(out.address.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    } else {
        return std::nullopt;
    }
    return out;
}

bool listens(int file) {
    int answer = 0;
    socklen_t size = sizeof answer;
    return ::getsockopt(file, SOL_SOCKET, SO_ACCEPTCONN, &answer, &size) == 0 && answer != 0;
}

template <typename Take>
void for_each_open_file(Take take) {
    std::error_code error;
    for (std::filesystem::directory_iterator at("/proc/self/fd", error), end; !error && at != end;
         at.increment(error)) {
        const std::string name = at->path().filename().string();
        int file = -1;
        if (std::from_chars(name.data(), name.data() + name.size(), file).ec == std::errc()) {
            take(file);
        }
    }
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    const std::string terminated(text);
    Address out = v4_mapped;
    if (inet_pton(AF_INET, terminated.c_str(), &out[v4_at]) == 1 ||
        inet_pton(AF_INET6, terminated.c_str(), &out) == 1) {
        return out;
    }
    return std::nullopt;
}

bool is_loopback(const Address& address) {
    constexpr Address v6_loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    constexpr std::uint8_t v4_loopback = 127;
    const bool v4 = std::equal(v4_mapped.begin(), v4_mapped.begin() + v4_at, address.begin());
    return address == v6_loopback || (v4 && address[v4_at] == v4_loopback);
}

ListeningPorts listening_ports() {
    ListeningPorts out;
    for_each_open_file([&](int file) {
        const auto local = listens(file) ? endpoint(::getsockname, file) : std::nullopt;
        if (!local) {
            return;
        }
        out.all.insert(local->port);
        if (!is_loopback(local->address)) {
            out.beyond_loopback.insert(local->port);
        }
    });
    return out;
}

std::set<std::uint16_t> ports_connected_to(const Address& remote) {
    std::set<std::uint16_t> out;
    for_each_open_file([&](int file) {
        const auto other = endpoint(::getpeername, file);
        const auto local = other && other->address == remote ? endpoint(::getsockname, file) : std::nullopt;
        if (local) {
            out.insert(local->port);
        }
    });
    return out;
}

}  // namespace reseal::broker
