// SPDX-License-Identifier: Apache-2.0
// The broker's end of the wire: answers as MQTT 3.1.1 requires, or as the test wants. One client at a time; a new one
// takes the place of the last.
#pragma once

#include <lwip/tcp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "wire.h"

namespace reseal::lwip {

class MqttServer {
  public:
    explicit MqttServer(std::uint16_t port);
    ~MqttServer();
    MqttServer(const MqttServer&) = delete;
    MqttServer& operator=(const MqttServer&) = delete;

    // Sends what waits; call it often.
    void step();
    // To the client, as it is.
    void send(const std::string& bytes) { outgoing_ += bytes; }
    void publish(const std::string& topic, const std::string& payload);
    // In an orderly way.
    void close_client();

    bool answers = true;
    bool acknowledges = true;
    bool grants = true;
    bool closes_after_connack = false;
    int connects = 0;
    int pubacks = 0;
    int pings = 0;
    std::string last_connect;
    std::vector<std::string> filters;
    std::vector<std::string> payloads;  // as they came, repeats too

  private:
    static err_t on_accept(void* self, tcp_pcb* client, err_t result);
    static err_t on_bytes(void* self, tcp_pcb* client, pbuf* bytes, err_t result);
    static void on_error(void* self, err_t result);
    void forget_client();
    void take_packets();
    void take(std::uint8_t first, const std::string& body);
    void answer(const std::string& bytes);

    tcp_pcb* listener_ = nullptr;
    tcp_pcb* client_ = nullptr;
    bool connected_ = false;
    std::string incoming_;
    std::string outgoing_;
};

std::string packet(std::uint8_t first, const std::string& body);
std::string text_of(const std::string& text);

}  // namespace reseal::lwip
