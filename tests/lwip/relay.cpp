// SPDX-License-Identifier: Apache-2.0
#include "relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "wire.h"

namespace reseal::lwip {
namespace {

constexpr std::size_t handshake_most = 8192;

std::size_t number(std::string_view bytes) {
    std::size_t out = 0;
    for (const char byte : bytes) {
        out = out << 8U | static_cast<unsigned char>(byte);
    }
    return out;
}

// The handshake messages in the records up to the first one that is encrypted, as far as they have come.
std::string handshake_in(std::string_view records) {
    constexpr char handshake = 22;
    std::string out;
    while (records.size() >= 5 && records[0] == handshake) {
        const std::size_t size = number(records.substr(3, 2));
        out += records.substr(5, size);
        records.remove_prefix(std::min(5 + size, records.size()));
    }
    return out;
}

bool has_server_hello_done(std::string_view records) {
    constexpr char server_hello_done = 14;
    const std::string messages = handshake_in(records);
    std::string_view rest = messages;
    while (rest.size() >= 4 && rest[0] != server_hello_done) {
        rest.remove_prefix(std::min(4 + number(rest.substr(1, 3)), rest.size()));
    }
    return rest.size() >= 4;
}

}  // namespace

Relay::Relay(std::uint16_t from, std::uint16_t to) : to_(to) {
    tcp_pcb* made = tcp_new();
    ip_addr_t address;
    ipaddr_aton(broker_address, &address);
    if (made == nullptr || tcp_bind(made, &address, from) != ERR_OK || (listener_ = tcp_listen(made)) == nullptr) {
        throw std::runtime_error("lwIP does not listen");
    }
    tcp_arg(listener_, this);
    tcp_accept(listener_, on_accept);
}

Relay::~Relay() {
    end();
    tcp_close(listener_);
}

void Relay::end() {
    if (client_ != nullptr) {
        tcp_pcb* old = std::exchange(client_, nullptr);
        tcp_arg(old, nullptr);
        tcp_recv(old, nullptr);
        tcp_err(old, nullptr);
        if (tcp_close(old) != ERR_OK) {
            tcp_abort(old);
        }
    }
    if (broker_ >= 0) {
        ::close(std::exchange(broker_, -1));
    }
    client_ended_ = broker_ended_ = false;
    for_broker_.clear();
    for_client_.clear();
}

void Relay::connect_broker() {
    broker_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(to_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(broker_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::fcntl(broker_, F_SETFL, O_NONBLOCK) != 0) {
        broker_ended_ = true;
    }
}

err_t Relay::on_accept(void* self, tcp_pcb* client, err_t result) {
    auto& relay = *static_cast<Relay*>(self);
    if (result != ERR_OK || client == nullptr) {
        return ERR_VAL;
    }
    relay.end();
    ++relay.connections_;
    relay.heard_.clear();
    relay.is_full_ = false;
    relay.client_ = client;
    tcp_arg(client, self);
    tcp_recv(client, on_bytes);
    tcp_err(client, on_error);
    relay.connect_broker();
    return ERR_OK;
}

err_t Relay::on_bytes(void* self, tcp_pcb* client, pbuf* bytes, err_t /*result*/) {
    auto& relay = *static_cast<Relay*>(self);
    if (bytes == nullptr) {
        relay.client_ended_ = true;
        return ERR_OK;
    }
    for (const pbuf* part = bytes; part != nullptr; part = part->next) {
        relay.for_broker_.append(static_cast<const char*>(part->payload), part->len);
    }
    tcp_recved(client, bytes->tot_len);
    pbuf_free(bytes);
    return ERR_OK;
}

void Relay::on_error(void* self, err_t /*result*/) {
    auto& relay = *static_cast<Relay*>(self);
    relay.client_ = nullptr;
    relay.client_ended_ = true;
}

void Relay::send_to_broker() {
    while (!for_broker_.empty()) {
        const ssize_t sent = ::send(broker_, for_broker_.data(), for_broker_.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        for_broker_.erase(0, static_cast<std::size_t>(sent));
    }
}

void Relay::take_from_broker() {
    std::array<char, 4096> part{};
    ssize_t size = 0;
    while (for_client_.size() < 65536 && (size = ::recv(broker_, part.data(), part.size(), 0)) > 0) {
        for_client_.append(part.data(), static_cast<std::size_t>(size));
        listen_in({part.data(), static_cast<std::size_t>(size)});
    }
    broker_ended_ = broker_ended_ || size == 0;
}

void Relay::listen_in(std::string_view bytes) {
    if (!is_full_ && heard_.size() < handshake_most) {
        heard_ += bytes;
        is_full_ = has_server_hello_done(heard_);
        full_handshakes_ += is_full_ ? 1 : 0;
    }
}

void Relay::send_to_client() {
    while (client_ != nullptr && !for_client_.empty()) {
        const auto size = static_cast<u16_t>(std::min<std::size_t>({for_client_.size(), tcp_sndbuf(client_), 1000}));
        if (size == 0 || tcp_write(client_, for_client_.data(), size, TCP_WRITE_FLAG_COPY) != ERR_OK) {
            break;
        }
        for_client_.erase(0, size);
    }
    if (client_ != nullptr) {
        tcp_output(client_);
    }
}

void Relay::step() {
    if (broker_ < 0) {
        return;
    }
    send_to_broker();
    take_from_broker();
    send_to_client();
    if (client_ended_ || (broker_ended_ && for_client_.empty())) {
        end();
    }
}

}  // namespace reseal::lwip
