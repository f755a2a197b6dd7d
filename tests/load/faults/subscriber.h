// SPDX-License-Identifier: Apache-2.0
// Subscribes to everything as an ordinary MQTT client does, and counts what its application receives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>

#include "load/faults/side.h"
#include "load/faults/tally.h"
#include "mqtt/client.h"

namespace faults {

class Subscriber {
  public:
    Subscriber(Side& side, Tally& tally, std::size_t number, const Manner& manner);

    // Connects, and subscribes if the broker has kept no session.
    void connect();
    // Takes what comes within `limit`; false if nothing did.
    bool work(std::chrono::milliseconds limit = std::chrono::milliseconds(0)) { return client_->poll(limit); }
    // Takes what the broker sends until it answers; false if the connection broke.
    bool ping() { return client_->ping(); }
    // Stops sending over this connection.
    void fall_silent() { client_->acknowledge(false); }
    // Reads on to the end of a connection that the broker has ended.
    void read_to_end();

    [[nodiscard]] bool connected() const { return client_ && client_->connected(); }
    // PUBLISH packets so far.
    [[nodiscard]] std::size_t received() const { return received_; }
    // Those that the SDK's receiver did not open, whatever the reason.
    [[nodiscard]] std::size_t unopened() const { return unopened_; }

  private:
    void take(const mqtt::Publish& message);
    void hand_over(const std::string& text);

    Side* side_;
    Tally* tally_;
    std::size_t number_;
    std::string name_;
    Manner manner_;
    std::unique_ptr<harness::Application> receiver_;
    std::unique_ptr<mqtt::Client> client_;
    std::set<std::uint16_t> unreleased_;  // packet ids of QoS 2 messages
    std::size_t received_ = 0;
    std::size_t unopened_ = 0;
};

}  // namespace faults
