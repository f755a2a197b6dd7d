// SPDX-License-Identifier: Apache-2.0
// The attacker's connections under one account, one after the other.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "fuzz/attacker/forge.h"
#include "mqtt/stream.h"

namespace attacker {

// How many packets were sent, by type; [0] counts invalid ones.
using Counts = std::array<std::size_t, 16>;

class Session {
  public:
    Session(World& world, Dice& dice, Counts& counts)
        : world_(&world), dice_(&dice), trace_(&world.trace), counts_(&counts), forge_(world, dice) {}

    // Does one thing that the connection's state allows, or one that it does not. Throws Finding.
    void step();
    void drop() { stream_.reset(); }

  private:
    void connect();
    // A CONNECT that is almost right, and what might follow one.
    void connect_oddly();
    [[nodiscard]] mqtt::Bytes something();
    void send(const mqtt::Bytes& packet);
    void receive(std::chrono::milliseconds limit);
    void take(const mqtt::Packet& packet);
    void take_publish(const mqtt::Packet& packet);
    void check(const mqtt::Publish& message);
    void answer(mqtt::Type type, std::uint16_t id);
    [[nodiscard]] std::unique_ptr<mqtt::Stream> reach(Door door);

    World* world_;
    Dice* dice_;
    Trace* trace_;
    Counts* counts_;
    Forge forge_;
    Account* account_ = nullptr;
    std::unique_ptr<mqtt::Stream> stream_;
    std::unique_ptr<harness::Application> receiver_;
    mqtt::Bytes unread_;
    std::map<std::uint32_t, std::string> aliases_;
    int version_ = mqtt::v5;
    bool let_in_ = false;
};

}  // namespace attacker
