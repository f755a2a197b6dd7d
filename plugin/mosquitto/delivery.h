// How a message reaches one subscriber: each generation of brokers has a way of its own.
#pragma once

#include <cstdint>
#include <string_view>

#include "mosquitto/broker.h"
#include "mosquitto/clients.h"

namespace reseal::broker {

class Delivery {
  public:
    Delivery() = default;
    virtual ~Delivery() = default;
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    // The name and what it cannot do, for the line at start-up.
    [[nodiscard]] virtual std::string_view description() const = 0;

    // A new message was accepted; its properties are borrowed for the call.
    virtual void arrived(const mosquitto_evt_message& event) = 0;
    // An event other than a READ check: the fan-out of one message is over.
    virtual void fanout_over() = 0;
    // The broker's loop round ends.
    virtual void tick() = 0;
    // The broker is about to end: a new message must be left unacknowledged.
    [[nodiscard]] virtual bool closing() const = 0;
    // The client was granted `filter`, has given it up, or begins without any.
    virtual void subscribed(const Client& client, std::string_view filter, std::uint8_t qos) = 0;
    virtual void unsubscribed(const Client& client, std::string_view filter) = 0;
    virtual void began_clean(const Client& client) = 0;

    // MOSQ_ACL_READ: MOSQ_ERR_SUCCESS lets the broker queue the stored message as it is.
    virtual int read(Client& client, const mosquitto_evt_acl_check& event) = 0;
};

}  // namespace reseal::broker
