// SPDX-License-Identifier: Apache-2.0
// One MQTT client that never waits: what publishers and subscribers share.
#pragma once

#include <cstdint>
#include <string>

#include "bench/link.h"
#include "bench/pacer.h"
#include "mqtt/packet.h"

namespace bench {

class Session {
  public:
    // `connect` is sent as soon as the socket takes it.
    Session(Link link, const mqtt::Connect& connect);
    virtual ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Call when its socket is ready: reads what has arrived, answers it, and writes what is pending. Throws Failure,
    // which names the client, if the broker refuses it or the connection ends.
    void serve();
    void flush();

    // Whether it may publish, or has its subscription.
    [[nodiscard]] bool ready() const { return ready_; }
    [[nodiscard]] int socket() const { return link_.socket(); }
    [[nodiscard]] bool wants_write() const { return link_.wants_write(); }
    [[nodiscard]] std::size_t unsent() const { return link_.unsent(); }
    [[nodiscard]] const std::string& name() const { return name_; }

  protected:
    // The broker accepted the client, and allows this many unacknowledged messages.
    virtual void connected(std::uint16_t receive_maximum) = 0;
    // Every packet after CONNACK; `when` it was read.
    virtual void take(const mqtt::Frame& frame, Clock::time_point when) = 0;

    void acknowledge(mqtt::Type type, std::uint16_t id);
    void set_ready() { ready_ = true; }
    // Throws Failure if `reason`, of the packet `what`, is a refusal.
    void check(int reason, const std::string& what) const;
    mqtt::Bytes& outgoing() { return link_.outgoing(); }
    [[nodiscard]] int version() const { return version_; }

  private:
    void read_all();
    void take_connack(const mqtt::Frame& frame);

    Link link_;
    std::string name_;
    int version_;
    bool connected_ = false;
    bool ready_ = false;
};

// The number at the beginning of a packet's body. Throws Failure if it is too short.
std::uint16_t packet_id(const mqtt::Frame& frame);

}  // namespace bench
