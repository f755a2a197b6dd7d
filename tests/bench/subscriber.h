// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "bench/session.h"

namespace bench {

// Borrows from the packet.
struct Delivery {
    std::size_t subscriber = 0;
    std::string_view topic;
    std::span<const std::uint8_t> payload;
    Clock::time_point when;
};
using TakeDelivery = std::function<void(const Delivery&)>;

// What a PUBLISH delivers, read in place; `id` is 0 at QoS 0. Throws Failure if it ends too early.
struct PublishView {
    std::string_view topic;
    std::uint16_t id = 0;
    std::span<const std::uint8_t> payload;
};
PublishView view_of(const mqtt::Frame& frame, int version);

class Subscriber : public Session {
  public:
    // Subscriber number `number`, whose deliveries go to `take`.
    Subscriber(Link link, const mqtt::Connect& connect, std::string filter, int qos, std::size_t number,
               TakeDelivery take);

  protected:
    void connected(std::uint16_t receive_maximum) override;
    void take(const mqtt::Frame& frame, Clock::time_point when) override;

  private:
    void take_suback(const mqtt::Frame& frame);
    void take_publish(const mqtt::Frame& frame, Clock::time_point when);

    std::string filter_;
    int qos_;
    std::size_t number_;
    TakeDelivery take_;
};

}  // namespace bench
