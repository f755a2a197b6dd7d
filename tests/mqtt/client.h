// SPDX-License-Identifier: Apache-2.0
// A client that answers as MQTT requires, except for what the test holds back. One thread. Every wait is bounded and
// throws std::runtime_error at its end.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "mqtt/packet.h"
#include "mqtt/stream.h"

namespace mqtt {

struct ConnAck {
    bool session_present = false;
    int reason = 0;
    Properties properties;
};

// Options of a subscription (MQTT 5, 3.8.3.1).
struct Subscription {
    std::string filter;
    int qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
    int retain_handling = 0;
    std::uint32_t id = 0;  // 0: none
};

class Client {
  public:
    Client(std::uint16_t port, int version, Transport transport = Transport::tcp)
        : stream_(port, transport), version_(version) {}
    Client(std::uint16_t port, int version, const Tls& tls) : stream_(port, tls), version_(version) {}

    // Sends CONNECT and waits for CONNACK.
    ConnAck connect(const Connect& connect);
    // The reason code of SUBACK, UNSUBACK.
    int subscribe(const Subscription& subscription);
    int unsubscribe(const std::string& filter);
    // Sends one message and completes its exchange: the reason code of the last acknowledgement, or -1 if the broker
    // broke the connection. A packet id of 0 is replaced by the next one.
    int publish(Publish message);

    // The steps of publish(), for tests that leave some out. send() returns the packet id.
    std::uint16_t send(Publish message);
    void send(Type acknowledgement, std::uint16_t id);
    // Writes bytes as they are: a part of a packet.
    void send_part(const Bytes& bytes) { write(bytes); }
    // The reason code of the acknowledgement of that kind for `id`; -1 if the broker broke the connection.
    int wait_for(Type acknowledgement, std::uint16_t id);

    // Sends AUTH with these properties, and waits for the broker's: its reason code, or -1 if it broke the connection.
    int authenticate(int reason, const Properties& properties);
    // The same with `body` as the AUTH packet's body, without a reason code if it is empty.
    int authenticate(const Bytes& body);

    // Everything that the broker sent until it answered a PINGREQ is in received(). False if the connection broke.
    bool ping();
    // Takes what comes within `limit`; false if nothing did.
    bool poll(std::chrono::milliseconds limit);

    // With false, what is received is not acknowledged.
    void acknowledge(bool on) { acknowledging_ = on; }
    // What was received since take() was called last, in order; topic aliases are resolved, and stay visible.
    std::vector<Publish> take();
    // Calls `handler` instead of keeping what is received.
    void on_message(std::function<void(const Publish&)> handler) { handler_ = std::move(handler); }
    // Calls `handler` with the packet id of each PUBREL: the broker will not send that message again.
    void on_release(std::function<void(std::uint16_t)> handler) { release_handler_ = std::move(handler); }
    // Calls `handler` with kind, packet id and reason code of each PUBACK, PUBREC and PUBCOMP, instead of keeping it
    // for wait_for().
    using Acknowledged = std::function<void(Type, std::uint16_t, int)>;
    void on_acknowledgement(Acknowledged handler) { acknowledgement_handler_ = std::move(handler); }

    void disconnect(int reason = 0, const Properties& properties = {});
    void crash() { stream_.close(); }
    [[nodiscard]] bool connected() const { return stream_.open(); }
    // The reason with which the broker disconnected; -1 if it did not say.
    [[nodiscard]] int disconnect_reason() const { return disconnect_reason_; }

  private:
    void write(const Bytes& bytes) { stream_.write(bytes); }
    bool read(std::chrono::milliseconds limit);
    void take(const Packet& packet);
    void take_publish(const Packet& packet);
    void take_acknowledgement(const Packet& packet);
    Packet wait_for_packet(Type type);
    std::uint16_t next_id();

    Stream stream_;
    int version_;
    bool acknowledging_ = true;
    Bytes unread_;
    std::deque<Packet> answers_;
    std::vector<Publish> received_;
    std::function<void(const Publish&)> handler_;
    std::function<void(std::uint16_t)> release_handler_;
    Acknowledged acknowledgement_handler_;
    std::map<std::uint32_t, std::string> aliases_;
    std::map<std::pair<Type, std::uint16_t>, int> acknowledged_;
    std::uint16_t last_id_ = 0;
    int disconnect_reason_ = -1;
};

}  // namespace mqtt
