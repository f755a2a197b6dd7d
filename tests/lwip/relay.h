// SPDX-License-Identifier: Apache-2.0
// The broker's machine on the wire, in front of a real broker on 127.0.0.1: what a client sends to one is sent to the
// other.
#pragma once

#include <lwip/tcp.h>

#include <cstdint>
#include <string>
#include <string_view>

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
    // Ends the connection.
    void cut() { end(); }

    // How many connections there were, and how many of them began with a full TLS 1.2 handshake: the broker said
    // ServerHelloDone (RFC 5246 section 7.4.5), which a resumed session does without.
    [[nodiscard]] int connections() const { return connections_; }
    [[nodiscard]] int full_handshakes() const { return full_handshakes_; }

  private:
    static err_t on_accept(void* self, tcp_pcb* client, err_t result);
    static err_t on_bytes(void* self, tcp_pcb* client, pbuf* bytes, err_t result);
    static void on_error(void* self, err_t result);
    void connect_broker();
    void end();
    void send_to_broker();
    void take_from_broker();
    void send_to_client();
    void listen_in(std::string_view bytes);

    std::uint16_t to_;
    tcp_pcb* listener_ = nullptr;
    tcp_pcb* client_ = nullptr;
    int broker_ = -1;
    bool client_ended_ = false;
    bool broker_ended_ = false;
    std::string for_broker_;
    std::string for_client_;
    std::string heard_;  // the first bytes of this connection's broker
    bool is_full_ = false;
    int connections_ = 0;
    int full_handshakes_ = 0;
};

}  // namespace reseal::lwip
