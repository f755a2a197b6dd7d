// SPDX-License-Identifier: Apache-2.0
// Tells which questions of the broker are about stored messages, not about a fan-out: the retained messages of a new
// subscription, and the queue of a client that comes back.
#pragma once

#include "broker/broker.h"
#include "engine/values.h"

namespace reseal::broker {

class StoredMessages {
  public:
    // A client subscribes: until anything else happens, READ asks about the retained messages.
    void subscribes(const mosquitto* client) { subscribing_ = client; }
    // A client comes in. Mosquitto 2.1 asks about all that its session holds before it says that the client is
    // connected. The will of a connection that is taken over may come in between.
    void comes_in(const mosquitto* client) { coming_ = client; }
    void connected() { coming_ = nullptr; }
    // Any event but a READ check.
    void something_else() { subscribing_ = nullptr; }
    // Between two rounds of the broker's loop.
    void round_over() { subscribing_ = coming_ = nullptr; }

    [[nodiscard]] bool coming(const mosquitto* client) const { return client == coming_; }
    // Why READ is asked.
    [[nodiscard]] engine::Occasion occasion(const mosquitto_evt_acl_check& event) const {
        using engine::Occasion;
        if (coming(event.client)) {
            return Occasion::stored;
        }
        if (event.retain && event.client == subscribing_) {
            return Occasion::retained;
        }
        return Occasion::fan_out;
    }

  private:
    const mosquitto* subscribing_ = nullptr;
    const mosquitto* coming_ = nullptr;
};

}  // namespace reseal::broker
