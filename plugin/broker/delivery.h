// SPDX-License-Identifier: Apache-2.0
// How a message reaches one subscriber. Each generation of brokers has its own way.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/broker.h"
#include "broker/clients.h"

namespace reseal::broker {

using Clock = std::chrono::steady_clock;

// The message of an event. Its copy is known by the address of its payload.
template <class Event>
engine::Stored stored(const Event& event, engine::Occasion occasion) {
    return {.topic = text(event.topic),
            .payload = {static_cast<const std::uint8_t*>(event.payload), event.payloadlen},
            .occasion = occasion,
            .copy = reinterpret_cast<std::uintptr_t>(event.payload)};
}

class Delivery {
  public:
    Delivery() = default;
    virtual ~Delivery() = default;
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    // For the log line at start-up: which broker this is, and what it cannot do.
    [[nodiscard]] virtual std::string description() const = 0;

    // MOSQ_ACL_READ: MOSQ_ERR_SUCCESS lets the broker queue the stored message as it is.
    virtual int read(Client& client, const mosquitto_evt_acl_check& event, engine::Occasion occasion) = 0;
    // Whether messages queued for a client that is away are stored as their sender sealed them.
    [[nodiscard]] virtual bool queues_uplink() const { return false; }
    // A PUBLISH leaves for a client. Called only if the broker has this event.
    virtual int out(Client& /*client*/, mosquitto_evt_message& /*event*/) { return MOSQ_ERR_ACL_DENIED; }
    // An event other than a READ check: the fan-out of one message is over.
    virtual void fanout_over() = 0;

    // A new message was accepted. The event is borrowed for the call. If `properties` is false, the message is
    // delivered without them.
    virtual void arrived(mosquitto_evt_message& event, bool properties) = 0;

    // The rest is for a delivery that must make up for what its broker lacks. Others need none of it.

    // A loop round of the broker. Answers the ids of clients that must reconnect before they get messages again.
    virtual std::vector<std::string> tick(Clock::time_point /*now*/) { return {}; }
    // The broker is about to end: new messages must be left unacknowledged.
    [[nodiscard]] virtual bool closing() const { return false; }
    // Whether everything handed over has reached the broker's clients or their queues. If not at the end of the broker,
    // the last accepted messages must not become certain, because the next start delivers them.
    [[nodiscard]] virtual bool all_queued() const { return true; }
    // The broker ends: writes what must last. Call only the destructor afterwards.
    virtual void finish() = 0;
    // The client connects, without a session if `clean`. The client is gone; `clean`: its session began clean.
    virtual void began(Client& /*client*/, bool /*clean*/) {}
    virtual void left(const Client& /*client*/, bool /*clean*/) {}
    // The client was granted `filter`, or unsubscribed from it.
    virtual void subscribed(Client& /*client*/, std::string_view /*filter*/, std::uint8_t /*qos*/) {}
    virtual void unsubscribed(const Client& /*client*/, std::string_view /*filter*/) {}
    // How many filters the client holds besides this one. If that is not known, this one is counted, too.
    [[nodiscard]] virtual std::size_t filters_besides(const Client& /*client*/,
                                                      const mosquitto_evt_acl_check& event) const {
        return static_cast<std::size_t>(std::max(mosquitto_client_sub_count(event.client), 0));
    }
};

}  // namespace reseal::broker
