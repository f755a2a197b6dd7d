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

int OutDelivery::read(Client& client, const mosquitto_evt_acl_check& event, engine::Occasion occasion) {
    return worker_->may_deliver(client.session, stored(event, occasion)) == Refusal::none ? MOSQ_ERR_SUCCESS
                                                                                          : MOSQ_ERR_ACL_DENIED;
}

int OutDelivery::out(Client& client, mosquitto_evt_message& event) {
    using Form = engine::Delivered::Form;
    engine::Delivered delivered =
        worker_->deliver(client.session, stored(event, engine::Occasion::stored), engine::Sealing::foreseen);
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
