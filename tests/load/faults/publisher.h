// SPDX-License-Identifier: Apache-2.0
// Publishes numbered messages as an ordinary MQTT client does. Several are in flight at a time, and exchanges that a
// lost connection interrupts continue on the next one. It can be stopped at any packet of the exchange.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "load/faults/side.h"
#include "load/faults/tally.h"
#include "mqtt/client.h"

namespace faults {

// How far the exchange of a message has come when it is stopped.
enum class Packet : std::uint8_t {
    half_of_publish,  // the rest of PUBLISH is not sent
    publish,          // PUBLISH is sent, its answer not read
    pubrec,           // PUBREC is read, PUBREL not sent (QoS 2)
    pubrel,           // PUBREL is sent, PUBCOMP not read (QoS 2)
    last,             // it goes to its end
};

class Publisher {
  public:
    Publisher(Side& side, Tally& tally, std::size_t number, const Manner& manner);

    // Connects and continues the exchanges in flight. If the broker has kept the session, it sends PUBLISH with DUP, or
    // PUBREL. Otherwise it publishes everything again, as it was sealed, under a new packet id.
    void connect();
    // Publishes new messages until this many are in flight.
    void fill(std::size_t window);
    // Publishes `count` messages and returns when the broker has handled everything up to where the exchange stops.
    void stop_at(Packet packet, std::size_t count);
    // Takes what comes within `limit`; false if nothing did.
    bool work(std::chrono::milliseconds limit = std::chrono::milliseconds(0)) { return client_->poll(limit); }
    // Stops sending over this connection.
    void fall_silent() { silent_ = true; }
    // Reads on to the end of a connection that the broker has ended.
    void read_to_end();
    // Breaks the connection and returns when the broker has noticed.
    void crash();

    [[nodiscard]] bool connected() const { return client_ && client_->connected(); }
    [[nodiscard]] bool idle() const { return flows_.empty(); }
    [[nodiscard]] const Manner& manner() const { return manner_; }

  private:
    enum class State : std::uint8_t { published, received, released };
    struct Flow {
        std::uint16_t id = 0;
        std::size_t serial = 0;
        std::string payload;
        State state = State::published;
    };

    Flow& begin();
    [[nodiscard]] mqtt::Publish packet_of(const Flow& flow, bool dup) const;
    void go_on();
    void publish_again();
    void release(Flow& flow);
    void take(mqtt::Type type, std::uint16_t id, int reason);
    void end(std::uint16_t id, bool accepted);
    [[nodiscard]] Flow* find(std::uint16_t id);
    std::uint16_t next_id();

    Side* side_;
    Tally* tally_;
    std::size_t number_;
    std::string name_;
    Manner manner_;
    std::unique_ptr<mqtt::Client> client_;
    std::deque<Flow> flows_;  // in the order of their first PUBLISH
    std::size_t next_serial_ = 0;
    std::uint16_t last_id_ = 0;
    std::size_t crashes_ = 0;
    Packet stop_ = Packet::last;
    bool silent_ = false;  // sends nothing
};

}  // namespace faults
