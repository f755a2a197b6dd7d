// SPDX-License-Identifier: Apache-2.0
// The broker's machine on the wire, in front of a real broker on 127.0.0.1: what a client sends to one is sent to the
// other.
#pragma once

#include <lwip/tcp.h>

#include <cstdint>
#include <string>

namespace reseal::lwip {

// One client at a time; a new one takes the place of the last.
class Relay {
  public:
    // `from` is a port of the machine on the wire, `to` one of 127.0.0.1.
    Relay(std::uint16_t from, std::uint16_t to);
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    // Passes on what has arrived on either side; call it often.
    void step();

  private:
    static err_t on_accept(void* self, tcp_pcb* client, err_t result);
    static err_t on_bytes(void* self, tcp_pcb* client, pbuf* bytes, err_t result);
    static void on_error(void* self, err_t result);
    void connect_broker();
    void end();
    void send_to_broker();
    void take_from_broker();
    void send_to_client();

    std::uint16_t to_;
    tcp_pcb* listener_ = nullptr;
    tcp_pcb* client_ = nullptr;
    int broker_ = -1;
    bool client_ended_ = false;
    bool broker_ended_ = false;
    std::string for_broker_;
    std::string for_client_;
};

}  // namespace reseal::lwip
