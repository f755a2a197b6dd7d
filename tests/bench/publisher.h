// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/session.h"
#include "bench/supply.h"

namespace bench {

class Publisher : public Session {
  public:
    using Session::Session;

    // The broker accepts another message from it, and everything before was written.
    [[nodiscard]] bool may_send() const;
    // Sends message `number` of `supply` with the next flush().
    void send(const Supply& supply, std::uint64_t number, int qos);
    // Messages that the broker has not acknowledged; none at QoS 0.
    [[nodiscard]] std::size_t unacknowledged() const { return unacknowledged_; }

  protected:
    void connected(std::uint16_t receive_maximum) override;
    void take(const mqtt::Frame& frame, Clock::time_point when) override;

  private:
    std::size_t unacknowledged_ = 0;
    std::size_t most_unacknowledged_ = 0;
};

}  // namespace bench
