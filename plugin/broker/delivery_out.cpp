// SPDX-License-Identifier: Apache-2.0
#include "broker/delivery_out.h"

#include <utility>

#include "broker/broker.h"
#include "broker/properties.h"

namespace reseal::broker {

std::string OutDelivery::description() const {
    return "Mosquitto 2.1 or later: each message is sealed when it is sent";
}

void OutDelivery::arrived(mosquitto_evt_message& event, bool properties) {
    if (!properties) {
        event.properties = nullptr;  // the broker frees them
    }
}

// The copy is sealed here already if the client's last message was sent right after its READ check: one call of the
// engine instead of two. With ten subscribers, 256 bytes: 20,889 instructions of the broker for each instead of 21,669.
// A client that has begun to lag behind has one copy sealed in vain.
int OutDelivery::read(Client& client, const mosquitto_evt_acl_check& event, engine::Occasion occasion) {
    const engine::Stored message = stored(event, occasion);
    asked_.session = client.session;
    asked_.topic = message.topic;
    asked_.payload = event.payload;
    asked_.size = event.payloadlen;
    asked_.delivered =
        client.lags ? engine::Delivered{} : worker_->deliver(client.session, message, engine::Sealing::foreseen);
    const Refusal refusal = client.lags ? worker_->may_deliver(client.session, message) : asked_.delivered.refusal;
    client.lags = client.lags || refusal == Refusal::none;
    return refusal == Refusal::none ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED;
}

bool OutDelivery::is_asked(const Client& client, const mosquitto_evt_message& event) const {
    return asked_.session == client.session && asked_.payload == event.payload && asked_.size == event.payloadlen &&
           asked_.topic == text(event.topic);
}

engine::Delivered OutDelivery::take(Client& client, const mosquitto_evt_message& event) {
    const bool asked = is_asked(client, event);
    asked_.session = {};
    client.lags = client.lags && !asked;
    if (asked && asked_.delivered.form != engine::Delivered::Form::refused) {
        return std::move(asked_.delivered);
    }
    return worker_->deliver(client.session, stored(event, engine::Occasion::stored), engine::Sealing::foreseen);
}

int OutDelivery::out(Client& client, mosquitto_evt_message& event) {
    using Form = engine::Delivered::Form;
    engine::Delivered delivered = take(client, event);
    if (delivered.form == Form::refused) {
        if (event.qos > 0) {
            stalled_.push_back(client.id);
        }
        return MOSQ_ERR_ACL_DENIED;
    }
    if (delivered.form == Form::as_it_is) {
        return MOSQ_ERR_SUCCESS;
    }
    event.payloadlen = static_cast<std::uint32_t>(delivered.payload.size());
    event.payload = delivered.payload.release();  // the broker frees it, and the properties, when they are sent
    if (delivered.form == Form::sealed && client.version == mqtt_5 && !has_content_type(event.properties)) {
        Properties properties = copy_of(event.properties);
        mark_sealed(properties);
        event.properties = properties.release();
    }
    return MOSQ_ERR_SUCCESS;
}

std::vector<std::string> OutDelivery::tick(Clock::time_point /*now*/) {
    return std::exchange(stalled_, {});
}

}  // namespace reseal::broker
