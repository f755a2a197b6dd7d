// Delivery on Mosquitto 2.1 and later: the broker queues the stored message, and its payload is replaced whenever it is
// sent to a client. QoS, flags, queues and subscription ids are the broker's own.
#pragma once

#include "broker/delivery.h"

namespace reseal::broker {

class OutDelivery final : public Delivery {
  public:
    // `gateway` must outlive this.
    explicit OutDelivery(gateway::Gateway& gateway) : gateway_(&gateway) {}

    [[nodiscard]] std::string description() const override;
    // A message that out() would refuse must not be queued: the broker would wait for its acknowledgement for ever.
    int read(Client& client, const mosquitto_evt_acl_check& event, gateway::Occasion occasion) override;
    [[nodiscard]] bool queues_uplink() const override { return true; }
    // By then its copies are with the clients' connections, or in their queues.
    void fanout_over() override { gateway_->settle(); }
    void arrived(mosquitto_evt_message& event, bool properties) override;
    int out(Client& client, mosquitto_evt_message& event) override;
    std::vector<std::string> tick(Clock::time_point now) override;
    void finish() override { gateway_->settle(); }

  private:
    gateway::Gateway* gateway_;
    // Clients that were refused a queued message, because a right or a key is gone since. When they come back, the
    // broker asks read() about everything queued.
    std::vector<std::string> stalled_;
};

}  // namespace reseal::broker
