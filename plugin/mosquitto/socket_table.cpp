#include "mosquitto/socket_table.h"

#include <algorithm>
#include <charconv>
#include <sstream>

#include <arpa/inet.h>

namespace reseal::broker {

namespace {

constexpr unsigned established = 0x01;
constexpr unsigned listening = 0x0A;
constexpr std::size_t v4_digits = 8;
constexpr std::size_t v6_digits = 32;
constexpr Address v4_mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

struct Endpoint {
    Address address{};
    std::uint16_t port = 0;
};

struct Socket {
    Endpoint local;
    Endpoint remote;
    unsigned state = 0;
    std::uint64_t number = 0;
};

template <typename Number>
bool read_number(std::string_view text, int base, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
    return error == std::errc() && end == text.data() + text.size();
}

// Hexadecimal, each 32-bit word in the processor's order: the lowest byte first on every processor of Debian's that
// this is built for.
bool read_address(std::string_view digits, Address& out) {
    if (digits.size() != v4_digits && digits.size() != v6_digits) {
        return false;
    }
    out = v4_mapped;
    std::size_t at = out.size() - digits.size() / 2;
    for (; !digits.empty(); digits.remove_prefix(v4_digits), at += 4) {
        std::uint32_t word = 0;
        if (!read_number(digits.substr(0, v4_digits), 16, word)) {
            return false;
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out[at + i] = static_cast<std::uint8_t>(word >> 8 * i);
        }
    }
    return true;
}

// "0100007F:1F90"
bool read_endpoint(std::string_view text, Endpoint& out) {
    const std::size_t colon = text.find(':');
    return colon != std::string_view::npos && read_address(text.substr(0, colon), out.address) &&
           read_number(text.substr(colon + 1), 16, out.port);
}

// The next word; the line loses it.
std::string_view take_word(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
    return word;
}

// sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode
bool read_socket(std::string_view line, Socket& out) {
    (void)take_word(line);
    if (!read_endpoint(take_word(line), out.local) || !read_endpoint(take_word(line), out.remote) ||
        !read_number(take_word(line), 16, out.state)) {
        return false;
    }
    for (int skipped = 0; skipped < 5; ++skipped) {
        (void)take_word(line);
    }
    return read_number(take_word(line), 10, out.number);
}

template <typename Take>
void for_each_socket(std::istream& table, Take take) {
    std::string line;
    while (std::getline(table, line)) {
        if (Socket socket; read_socket(line, socket)) {
            take(socket);
        }
    }
}

bool is_loopback(const Address& address) {
    constexpr Address v6_loopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    const bool v4 = std::equal(v4_mapped.begin(), v4_mapped.begin() + 12, address.begin());
    return address == v6_loopback || (v4 && address[12] == 127);
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
    const std::string terminated(text);
    Address out = v4_mapped;
    if (inet_pton(AF_INET, terminated.c_str(), &out[12]) == 1 || inet_pton(AF_INET6, terminated.c_str(), &out) == 1) {
        return out;
    }
    return std::nullopt;
}

bool listens_beyond_loopback(std::istream& table, std::uint16_t port) {
    bool found = false;
    for_each_socket(table, [&](const Socket& socket) {
        found = found || (socket.state == listening && socket.local.port == port && !is_loopback(socket.local.address));
    });
    return found;
}

std::set<std::uint16_t> listening_ports(std::istream& table, const std::set<std::uint64_t>& sockets) {
    std::set<std::uint16_t> out;
    for_each_socket(table, [&](const Socket& socket) {
        if (socket.state == listening && sockets.contains(socket.number)) {
            out.insert(socket.local.port);
        }
    });
    return out;
}

std::set<std::uint16_t> connected_ports(std::istream& table, const Address& remote) {
    std::set<std::uint16_t> out;
    for_each_socket(table, [&](const Socket& socket) {
        if (socket.state == established && socket.remote.address == remote) {
            out.insert(socket.local.port);
        }
    });
    return out;
}

}  // namespace reseal::broker
