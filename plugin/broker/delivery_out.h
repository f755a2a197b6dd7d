// SPDX-License-Identifier: Apache-2.0
// Delivery on Mosquitto 2.1 and later: the broker queues the stored message, and its payload is replaced whenever it is
// sent to a client. QoS, flags, queues and subscription ids are the broker's own.
#pragma once

#include "broker/delivery.h"

namespace reseal::broker {

class OutDelivery final : public Delivery {
  public:
    // Both must outlive this.
    OutDelivery(engine::Engine& engine, engine::Worker& worker) : engine_(&engine), worker_(&worker) {}

    [[nodiscard]] std::string description() const override;
    // A message that out() would refuse must not be queued: the broker would wait for its acknowledgement for ever.
    int read(Client& client, const mosquitto_evt_acl_check& event, engine::Occasion occasion) override;
    [[nodiscard]] bool queues_uplink() const override { return true; }
    // By then its copies are with the clients' connections, or in their queues.
    void fanout_over() override {
        asked_.session = {};
        engine_->settle();
    }
    void arrived(mosquitto_evt_message& event, bool properties) override;
    int out(Client& client, mosquitto_evt_message& event) override;
    std::vector<std::string> tick(Clock::time_point now) override;
    void finish() override { engine_->settle(); }

  private:
    // A READ check, until the next event. If the broker can send the message at once, its MESSAGE_OUT is that event.
    struct Asked {
        engine::SessionId session;  // none: another event has come
        std::string topic;
        const void* payload = nullptr;
        std::uint32_t size = 0;
        engine::Delivered delivered;  // refused: not sealed yet
    };

    [[nodiscard]] bool is_asked(const Client& client, const mosquitto_evt_message& event) const;
    [[nodiscard]] engine::Delivered take(Client& client, const mosquitto_evt_message& event);

    engine::Engine* engine_;
    engine::Worker* worker_;
    Asked asked_;
    // Were refused a message after it had been queued: a right or a key has gone since. When they come back, the broker
    // asks read() for all that is queued.
    std::vector<std::string> stalled_;
};

}  // namespace reseal::broker
