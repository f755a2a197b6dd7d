// SPDX-License-Identifier: Apache-2.0
#include "mqtt_server.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

namespace reseal::lwip {
namespace {

using namespace std::string_literals;

// Size of the fixed header, and of what follows; nothing if it is not complete.
std::optional<std::pair<std::size_t, std::size_t>> head_of(const std::string& bytes) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < bytes.size() && i <= 4; ++i) {
        const auto byte = static_cast<std::uint8_t>(bytes[i]);
        length |= static_cast<std::size_t>(byte & 0x7FU) << (7 * (i - 1));
        if ((byte & 0x80U) == 0) {
            return std::pair(i + 1, length);
        }
    }
    return std::nullopt;
}

std::size_t number_at(const std::string& bytes, std::size_t at) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes.at(at))) << 8 |
           static_cast<std::uint8_t>(bytes.at(at + 1));
}

}  // namespace

std::string packet(std::uint8_t first, const std::string& body) {
    std::string out(1, static_cast<char>(first));
    std::size_t length = body.size();
    do {
        out += static_cast<char>((length & 0x7FU) | (length > 0x7F ? 0x80U : 0U));
        length >>= 7;
    } while (length > 0);
    return out + body;
}

std::string text_of(const std::string& text) {
    return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size())} + text;
}

MqttServer::MqttServer(std::uint16_t port) {
    tcp_pcb* made = tcp_new();
    ip_addr_t address;
    ipaddr_aton(broker_address, &address);
    if (made == nullptr || tcp_bind(made, &address, port) != ERR_OK || (listener_ = tcp_listen(made)) == nullptr) {
        throw std::runtime_error("lwIP does not listen");
    }
    tcp_arg(listener_, this);
    tcp_accept(listener_, on_accept);
}

MqttServer::~MqttServer() {
    forget_client();
    tcp_close(listener_);
}

void MqttServer::forget_client() {
    if (client_ != nullptr) {
        tcp_pcb* old = std::exchange(client_, nullptr);
        tcp_arg(old, nullptr);
        tcp_recv(old, nullptr);
        tcp_err(old, nullptr);
        tcp_abort(old);
    }
    incoming_.clear();
    outgoing_.clear();
    connected_ = false;
}

err_t MqttServer::on_accept(void* self, tcp_pcb* client, err_t result) {
    auto& server = *static_cast<MqttServer*>(self);
    if (result != ERR_OK || client == nullptr) {
        return ERR_VAL;
    }
    server.forget_client();
    server.client_ = client;
    tcp_nagle_disable(client);
    tcp_arg(client, self);
    tcp_recv(client, on_bytes);
    tcp_err(client, on_error);
    return ERR_OK;
}

err_t MqttServer::on_bytes(void* self, tcp_pcb* client, pbuf* bytes, err_t /*result*/) {
    auto& server = *static_cast<MqttServer*>(self);
    if (bytes == nullptr) {
        server.close_client();
        return ERR_OK;
    }
    for (const pbuf* part = bytes; part != nullptr; part = part->next) {
        server.incoming_.append(static_cast<const char*>(part->payload), part->len);
    }
    tcp_recved(client, bytes->tot_len);
    pbuf_free(bytes);
    return ERR_OK;
}

void MqttServer::on_error(void* self, err_t /*result*/) {
    static_cast<MqttServer*>(self)->client_ = nullptr;
}

void MqttServer::close_client() {
    if (client_ != nullptr && tcp_close(client_) == ERR_OK) {
        tcp_arg(client_, nullptr);
        tcp_recv(client_, nullptr);
        tcp_err(client_, nullptr);
        client_ = nullptr;
    }
}

void MqttServer::publish(const std::string& topic, const std::string& payload) {
    send(packet(0x32, text_of(topic) + "\x00\x07"s + payload));
}

void MqttServer::answer(const std::string& bytes) {
    if (answers) {
        send(bytes);
    }
}

void MqttServer::take(std::uint8_t first, const std::string& body) {
    if (first == 0x10) {
        ++connects;
        connected_ = true;
        last_connect = body;
        answer("\x20\x02\x00\x00"s);
    } else if (first == 0x82) {
        filters.push_back(body.substr(4, number_at(body, 2)));
        answer("\x90\x03"s + body.substr(0, 2) + (grants ? "\x01"s : "\x80"s));
    } else if ((first & 0xF0U) == 0x30) {
        const std::size_t size = number_at(body, 0);
        payloads.push_back(body.substr(4 + size));
        if (acknowledges) {
            answer("\x40\x02"s + body.substr(2 + size, 2));
        }
    } else if (first == 0x40) {
        ++pubacks;
    } else if (first == 0xC0) {
        ++pings;
        answer("\xD0\x00"s);
    }
}

void MqttServer::take_packets() {
    for (auto head = head_of(incoming_); head && incoming_.size() >= head->first + head->second;
         head = head_of(incoming_)) {
        const auto first = static_cast<std::uint8_t>(incoming_[0]);
        const std::string body = incoming_.substr(head->first, head->second);
        incoming_.erase(0, head->first + head->second);
        take(first, body);
    }
}

void MqttServer::step() {
    take_packets();
    while (client_ != nullptr && !outgoing_.empty()) {
        const auto size = static_cast<u16_t>(std::min<std::size_t>({outgoing_.size(), tcp_sndbuf(client_), 1000}));
        if (size == 0 || tcp_write(client_, outgoing_.data(), size, TCP_WRITE_FLAG_COPY) != ERR_OK) {
            break;
        }
        outgoing_.erase(0, size);
    }
    if (client_ != nullptr) {
        tcp_output(client_);
    }
    if (client_ != nullptr && closes_after_connack && connected_) {
        close_client();
    }
}

}  // namespace reseal::lwip
