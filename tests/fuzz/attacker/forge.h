// SPDX-License-Identifier: Apache-2.0
// Packets as an attacker makes them. Most are valid MQTT: the others get no further than the broker's parser.
#pragma once

#include "fuzz/attacker/world.h"
#include "mqtt/packet.h"

namespace attacker {

class Forge {
  public:
    Forge(World& world, Dice& dice) : world_(&world), dice_(&dice) {}

    [[nodiscard]] mqtt::Connect connect(Account& account, Door door, int version);
    [[nodiscard]] mqtt::Publish publish(Account& account, int version);
    [[nodiscard]] mqtt::Bytes subscribe(const Account& account, int version);
    [[nodiscard]] mqtt::Bytes unsubscribe(const Account& account, int version);
    // PUBACK, PUBREC, PUBREL or PUBCOMP for a packet id that may be unused.
    [[nodiscard]] mqtt::Bytes acknowledgement(int version);
    [[nodiscard]] mqtt::Bytes authenticate(Account& account);
    [[nodiscard]] mqtt::Bytes disconnect(int version);

    // Few, so that they collide.
    [[nodiscard]] std::uint16_t packet_id();

  private:
    [[nodiscard]] std::string topic(const std::string& id);
    [[nodiscard]] std::string filter(const std::string& id);
    [[nodiscard]] std::string odd_text();
    [[nodiscard]] std::string client_id(const std::string& id);
    [[nodiscard]] std::string password(Account& account, const std::string& client_id, Door door);
    [[nodiscard]] mqtt::Properties properties();
    [[nodiscard]] mqtt::Will will(Account& account, int version);
    // Decides topic and payload together.
    void fill(Account& account, std::string& topic, std::string& payload);

    World* world_;
    Dice* dice_;
};

}  // namespace attacker
